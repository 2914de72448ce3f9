import type { Static } from '@sinclair/typebox'
import type { StripeEventRecord, TrackingEvent } from '../../../schemas/tracking.js'
import { explain } from '../../ledger/reasons.js'
import type { listStripeEvents } from '../../ledger/stripe-events.js'
import type { TrackingEventRow } from '../../ledger/tracking-events.js'

const isoTime = (time: Date | null) => time?.toISOString() ?? null

/** A ledger row as the operator sees it. */
export function presentTrackingEvent (row: TrackingEventRow): Static<typeof TrackingEvent> {
  return {
    ...row,
    response: row.response ?? null,
    explanation: explain(row.reason),
    nextAttemptAt: isoTime(row.nextAttemptAt),
    occurredAt: row.occurredAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    settledAt: isoTime(row.settledAt)
  }
}

export function presentStripeEvent ({ seq: _seq, ...row }: Awaited<ReturnType<typeof listStripeEvents>>[number]): Static<typeof StripeEventRecord> {
  return {
    ...row,
    explanation: explain(row.reason),
    created: row.created.toISOString(),
    receivedAt: row.receivedAt.toISOString(),
    nextAttemptAt: isoTime(row.nextAttemptAt)
  }
}

/** The cursor of the page after these rows; null when the page was not full. */
export function nextCursor<Row> (rows: Row[], limit: number, position: (row: Row) => number): string | null {
  const last = rows.at(-1)
  return rows.length < limit || last === undefined ? null : String(position(last))
}
