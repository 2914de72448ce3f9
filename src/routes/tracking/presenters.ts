import type { Static } from '@sinclair/typebox'
import type { CustomerStory } from '../../../schemas/customer-story.js'
import type { StripeEventRecord, TrackingEvent } from '../../../schemas/tracking.js'
import { explain } from '../../ledger/reasons.js'
import type { StoryRows } from '../../ledger/story.js'
import type { StripeEventRow } from '../../ledger/stripe-events.js'
import { whyNotRetryable } from '../../ledger/tracking-events.js'
import type { TrackingEventRow } from '../../ledger/tracking-events.js'

const isoTime = (time: Date | null) => time?.toISOString() ?? null

/** A ledger row as the operator sees it. */
export function presentTrackingEvent (row: TrackingEventRow): Static<typeof TrackingEvent> {
  return {
    ...row,
    response: row.response ?? null,
    explanation: explain(row.reason),
    retryable: whyNotRetryable(row) === undefined,
    nextAttemptAt: isoTime(row.nextAttemptAt),
    occurredAt: row.occurredAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    settledAt: isoTime(row.settledAt)
  }
}

export function presentStripeEvent ({ seq: _seq, ...row }: StripeEventRow): Static<typeof StripeEventRecord> {
  return {
    ...row,
    explanation: explain(row.reason),
    created: row.created.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    nextAttemptAt: isoTime(row.nextAttemptAt)
  }
}

/** A customer's rows as one story, oldest first. */
export function presentStory (customerKey: string, { stripeReferences, trackingEvents, attempts, checkouts, stripeEvents }: StoryRows): CustomerStory {
  const entries: CustomerStory['entries'] = [
    ...stripeEvents.map(row => ({ at: row.created.toISOString(), type: 'stripe_event' as const, stripeEvent: presentStripeEvent(row) })),
    ...checkouts.map(({ id, priceId, mode, quantity, createdAt }) => ({
      at: createdAt.toISOString(), type: 'checkout' as const, checkout: { sessionId: id, priceId, mode, quantity }
    })),
    ...trackingEvents.map(row => ({ at: row.occurredAt.toISOString(), type: 'fact' as const, trackingEvent: presentTrackingEvent(row) })),
    ...attempts.map(({ finishedAt, id: _id, ...attempt }) => ({ at: finishedAt.toISOString(), type: 'attempt' as const, attempt }))
  ]
  // Rows come newest first; a stable sort of the reverse keeps what happened in one second in its order.
  entries.reverse().sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
  const clickId = trackingEvents.map(({ payload }) => 'clickId' in payload ? payload.clickId : undefined).find(id => id !== undefined) ?? null
  return { customerKey, clickId, stripeReferences, entries }
}

const ORDER = ['checkout', 'stripe_event', 'fact', 'attempt']

/** The cursor of the page after these rows; null when the page was not full. */
export function nextCursor<Row> (rows: Row[], limit: number, position: (row: Row) => number): string | null {
  const last = rows.at(-1)
  return rows.length < limit || last === undefined ? null : String(position(last))
}
