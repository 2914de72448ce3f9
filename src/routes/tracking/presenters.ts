import type { CustomerStory, StoryAction } from '../../../schemas/customer-story.js'
import type { FactSource, StripeEventRecord, TrackingEvent } from '../../../schemas/tracking.js'
import type { ActionRow } from '../../ledger/operator-actions.js'
import type { ResolutionRow } from '../../ledger/operator-columns.js'
import { advise, explain } from '../../ledger/reasons.js'
import type { StoryRows } from '../../ledger/story.js'
import type { StripeEventRow } from '../../ledger/stripe-events.js'
import { whyNotRetryable } from '../../ledger/tracking-events.js'
import type { TrackingEventRow } from '../../ledger/tracking-events.js'
import { NO_LEAD, verdictOf, WORTH_ASKING } from '../../ledger/verdict.js'

const isoTime = (time: Date | null) => time?.toISOString() ?? null

/** A ledger row as the operator sees it. */
export function presentTrackingEvent ({ lead, resolution, earnedBefore, payload, traceparent: _traceparent, ...row }: TrackingEventRow): TrackingEvent {
  const withoutLead = row.reason === 'customer_not_found' && lead === null
  const event = {
    ...row,
    ...isReadable(payload) ? { payload } : { unreadablePayload: payload },
    ...originOf(row.source),
    customerEmail: lead?.email ?? null,
    response: row.response ?? null,
    explanation: withoutLead ? NO_LEAD : explain(row.reason),
    advice: withoutLead ? REPORT_LEAD : earnedBefore === true ? WORTH_ASKING : row.state === 'resolved' ? null : advise(row.reason),
    attentionSince: isoTime(row.attentionSince),
    resolution: presentResolution(resolution),
    retryable: whyNotRetryable(row) === undefined,
    nextAttemptAt: isoTime(row.nextAttemptAt),
    occurredAt: row.occurredAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    settledAt: isoTime(row.settledAt)
  }
  return event as TrackingEvent
}

/** Whether it has the shape of its kind: of version 1, the ledger takes nothing else (its constraints tracking_events_*_payload). */
function isReadable ({ v }: TrackingEventRow['payload']): boolean {
  return v === 1
}

/** Said of a sale that Affitor could tie to no click because no signup was reported. */
const REPORT_LEAD = 'If a partner brought them, report the signup with its click id (trackLead, POST /api/leads), then retry.'

function presentResolution (resolution: ResolutionRow | null): TrackingEvent['resolution'] {
  return resolution && { ...resolution, at: new Date(resolution.at).toISOString() }
}

/** Where a fact comes from, of what is stored: a Stripe event id, or the name that its teller gave. */
function originOf (source: string): { source: FactSource, stripeEventId: string | null } {
  if (source.startsWith('evt_')) return { source: 'stripe', stripeEventId: source }
  // A caller of the SQL functions may have named itself.
  return { source: source === 'signup' || source === 'api' ? source : 'sql', stripeEventId: null }
}

export function presentStripeEvent ({ seq: _seq, lead, resolution, ...row }: StripeEventRow): StripeEventRecord {
  return {
    ...row,
    customerEmail: lead?.email ?? null,
    explanation: explain(row.reason),
    advice: row.state === 'resolved' ? null : advise(row.reason),
    attentionSince: isoTime(row.attentionSince),
    resolution: presentResolution(resolution),
    createdAt: row.createdAt.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    nextAttemptAt: isoTime(row.nextAttemptAt)
  }
}

/** What a person did, as an entry of the story. */
export function presentAction ({ doneAt, action, trackingEventId, stripeEventId, note, doneBy: by }: ActionRow): StoryAction {
  return { at: doneAt.toISOString(), kind: 'action', action: { action, trackingEventId, stripeEventId, note, by } }
}

/** A customer's rows as one story, oldest first. */
export function presentStory (customerKey: string, { stripeReferences, trackingEvents, attempts, checkouts, stripeEvents, actions }: StoryRows): CustomerStory {
  const entries: CustomerStory['entries'] = [
    ...stripeEvents.map(row => ({ at: row.createdAt.toISOString(), kind: 'stripe_event' as const, stripeEvent: presentStripeEvent(row) })),
    ...checkouts.map(({ id, priceId, mode, quantity, createdAt }) => ({
      at: createdAt.toISOString(), kind: 'checkout' as const, checkout: { sessionId: id, priceId, mode, quantity }
    })),
    ...trackingEvents.map(row => ({ at: row.occurredAt.toISOString(), kind: 'fact' as const, trackingEvent: presentTrackingEvent(row) })),
    ...attempts.map(({ finishedAt, id: _id, ...attempt }) => ({ at: finishedAt.toISOString(), kind: 'attempt' as const, attempt })),
    ...actions.map(presentAction)
  ]
  // Rows come newest first; a stable sort of the reverse keeps what happened in one second in its order.
  entries.reverse().sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  const clickId = trackingEvents.map(({ payload }) => 'clickId' in payload ? payload.clickId : undefined).find(id => id !== undefined) ?? null
  const email = trackingEvents[0]?.lead?.email ?? stripeEvents[0]?.lead?.email ?? null
  return { customerKey, email, clickId, verdict: verdictOf({ trackingEvents, stripeEvents }), stripeReferences, entries }
}

const ORDER = ['checkout', 'stripe_event', 'fact', 'attempt', 'action']

/** The cursor of the page after these rows; null when the page was not full. */
export function nextCursor<Row> (rows: Row[], limit: number, position: (row: Row) => number): string | null {
  const last = rows.at(-1)
  return rows.length < limit || last === undefined ? null : String(position(last))
}
