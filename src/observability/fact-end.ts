import { createHash } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { TrackingKind, TrackingState } from '../../schemas/tracking.js'

/** A fact that is done with, as far as the program goes. */
export interface FactEnd {
  id: number
  kind: TrackingKind
  state: TrackingState
  reason: string | null
  attempts: number
  customerKey: string
  /** A Stripe event id, or who else told it. */
  source: string
}

/** Stands for a customer in logs and traces: the first 16 digits of the SHA-256 of the customer key. */
export function customerHash (customerKey: string): string {
  return createHash('sha256').update(customerKey).digest('hex').slice(0, 16)
}

/** The one line of a fact's end, whatever ended it. @param more what is known besides, such as the status of the last answer */
export function logFactEnd (log: FastifyBaseLogger, { id, kind, state, reason, attempts, customerKey, source }: FactEnd, more: object = {}): void {
  const line = { trackingEvent: id, kind, state, reason, attempts, source, customer: customerHash(customerKey), ...more }
  if (state === 'needs_attention') log.error(line, 'A fact needs attention')
  else log.info(line, 'A fact is done')
}
