import { pipeline, Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { stringify } from 'csv-stringify'
import type { FastifyPluginAsync, FastifySchema } from 'fastify'
import { errorResponses } from '../../../schemas/error.js'
import { TrackingEventFilter } from '../../../schemas/tracking.js'
import type { SalePayload, TrackingEvent } from '../../../schemas/tracking.js'
import type { Database } from '../../db/pool.js'
import { hasMoreThan, listTrackingEvents } from '../../ledger/tracking-events.js'
import type { RouteContext } from '../context.js'
import { operatorRoute, READ_ERRORS } from './operator-route.js'
import { presentTrackingEvent } from './presenters.js'

/** Most rows of a file: more than a person reads, and little enough to be made while they wait. */
const MOST_ROWS = 50_000
const ROWS_AT_ONCE = 1_000

export const exportTrackingEventsSchema = {
  ...operatorRoute,
  operationId: 'exportTrackingEvents',
  summary: 'Export tracking events as CSV',
  description: `What the list shows with the same filters, newest first, as a file: at most ${MOST_ROWS.toLocaleString('en')} rows. ` +
    'The header `x-truncated` is `true` when there are more: narrow the filters then. Amounts are in the currency\'s smallest unit.',
  querystring: TrackingEventFilter,
  produces: ['text/csv'],
  response: {
    200: {
      description: 'One line a fact.',
      content: {
        'text/csv': {
          schema: Type.String({
            description: 'A line of names, then one a fact.', examples: ['id,occurred_at,kind,state\r\n17,2026-11-01T12:00:00.000Z,sale,delivered\r\n']
          })
        }
      }
    },
    ...errorResponses(...READ_ERRORS)
  }
} satisfies FastifySchema

/** What a column tells of a fact. */
const columns: Record<string, (event: TrackingEvent) => string | number | null | undefined> = {
  id: ({ id }) => id,
  occurred_at: ({ occurredAt }) => occurredAt,
  kind: ({ kind }) => kind,
  state: ({ state }) => state,
  reason: ({ reason }) => reason,
  explanation: ({ explanation }) => explanation,
  customer_key: ({ customerKey }) => customerKey,
  email: ({ customerEmail }) => customerEmail,
  transaction_id: ({ transactionId }) => transactionId,
  sale_transaction_id: ({ saleTransactionId }) => saleTransactionId,
  amount_cents: event => event.kind === 'lead' ? null : event.payload?.amountCents,
  currency: event => saleOf(event)?.currency,
  sale_type: event => saleOf(event)?.saleType,
  recurring: event => saleOf(event)?.isRecurring.toString(),
  product_id: event => saleOf(event)?.productId,
  source: ({ source }) => source,
  attempts: ({ attempts }) => attempts,
  last_status: ({ lastStatus }) => lastStatus,
  settled_at: ({ settledAt }) => settledAt,
  attention_since: ({ attentionSince }) => attentionSince,
  resolution: ({ resolution }) => resolution?.note,
  resolved_by: ({ resolution }) => resolution?.by
}

/** What was sold; of a sale that can be read. */
function saleOf (event: TrackingEvent): SalePayload | undefined {
  return event.kind === 'sale' ? event.payload : undefined
}

const csvRoute: FastifyPluginAsync<RouteContext> = async (app, { db, document }) => {
  app.get<{ Querystring: TrackingEventFilter }>('/events.csv', { schema: document(exportTrackingEventsSchema) }, async ({ query: filter }, reply) => {
    const truncated = await hasMoreThan(db, filter, MOST_ROWS)
    // A cell that begins like a formula would be one in a spreadsheet, and customers choose their addresses.
    const csv = stringify({ header: true, columns: Object.keys(columns), escape_formulas: true, record_delimiter: 'windows' })
    return await reply.headers({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="tracking-events.csv"',
      'cache-control': 'no-store',
      'x-row-limit': MOST_ROWS,
      'x-truncated': String(truncated)
    }).send(pipeline(Readable.from(rowsOf(db, filter)), csv, () => { /* Fastify hears of a failure from the stream that it sends. */ }))
  })
}

/** The rows of a file, asked for as fast as they are taken. */
async function * rowsOf (db: Database, filter: TrackingEventFilter): AsyncGenerator<Array<string | number | null | undefined>> {
  let cursor: string | undefined
  for (let rows = 0; rows < MOST_ROWS; rows += ROWS_AT_ONCE) {
    const page = await listTrackingEvents(db, { ...filter, limit: ROWS_AT_ONCE, ...cursor !== undefined && { cursor } })
    for (const row of page) {
      const event = presentTrackingEvent(row)
      yield Object.values(columns).map(column => column(event))
    }
    if (page.length < ROWS_AT_ONCE) return
    cursor = String(page.at(-1)?.id)
  }
}

export default csvRoute
