import type { TrackingKind } from '../../schemas/tracking.js'

/** The two steps of the workers. */
export type Step = 'interpret' | 'deliver'

/** What became of a Stripe event that came in. */
export type Arrival = 'stored' | 'known' | 'not_needed'

/** What one reading of a Stripe event came to: a state, or that it is read again later. */
export type ReadingEnd = 'interpreted' | 'ignored' | 'parked' | 'failed' | 'postponed'

/** What is stored in groups. */
export type GroupName = 'inbox' | 'reports' | 'interpretations' | 'settlements' | 'postponements'

/** Is told what this process does, as it does it, and counts it. */
export interface Watcher {
  webhookAnswered (status: number): void
  stripeEventArrived (arrival: Arrival): void
  /** @param seconds from the claim until it was stored */
  stripeEventRead (end: ReadingEnd, seconds: number): void
  /** @param status of HTTP; 0 when no whole answer came */
  affitorAnswered (kind: TrackingKind, status: number, seconds: number): void
  /** Another attempt is made later. */
  retried (step: Step): void
  /** Leases of a process that is gone were ended, or had run out and were taken. */
  leasesTakenOver (step: Step, count: number): void
  /** So many items shared a transaction. */
  stored (group: GroupName, size: number): void
}

/** Nobody asked for metrics. */
export const unwatched: Watcher = {
  webhookAnswered () {},
  stripeEventArrived () {},
  stripeEventRead () {},
  affitorAnswered () {},
  retried () {},
  leasesTakenOver () {},
  stored () {}
}
