import { describe, expect, test } from 'tstyche'
import type { Schemas } from '../../sdk/index.js'
import type { customerStorySchema } from '../../src/routes/tracking/customers.js'
import type {
  holdTrackingEventSchema, listTrackingEventsSchema, resolveTrackingEventSchema, retryTrackingEventSchema, trackingEventSchema
} from '../../src/routes/tracking/events.js'
import type { checksSchema } from '../../src/routes/tracking/checks.js'
import type { programSchema } from '../../src/routes/tracking/program.js'
import type { deliveriesSchema, funnelSchema } from '../../src/routes/tracking/reports.js'
import type { searchSchema } from '../../src/routes/tracking/search.js'
import type { listStripeEventsSchema, retryStripeEventSchema, stripeEventSchema } from '../../src/routes/tracking/stripe-events.js'
import type { summarySchema } from '../../src/routes/tracking/summary.js'
import type { AnswerOf, ErrorBody, RequestOf, StatusOf } from './inferred.js'

type Kind = 'lead' | 'sale' | 'refund'
type TrackingState = 'pending' | 'delivered' | 'unattributed' | 'rejected' | 'needs_attention' | 'resolved' | 'skipped'
type StripeEventState = 'received' | 'interpreted' | 'ignored' | 'parked' | 'failed' | 'resolved'

interface Resolution { note: string, by: string | null, at: string }

interface Lead { v: 1, clickId?: string, email?: string }
interface Sale {
  v: 1
  amountCents: number
  currency: string
  saleType: 'payment' | 'subscription'
  isRecurring: boolean
  paidCents?: number
  clickId?: string
  subscriptionId?: string
  subscriptionInterval?: 'monthly' | 'quarterly' | 'annual'
  productId?: string
  productNote?: 'several_products' | 'no_product'
}
interface Refund { v: 1, amountCents: number, currency: string, full: boolean, refundReason?: string }

interface EventOf<OneKind extends Kind, SaleTransactionId, Payload> {
  id: number
  kind: OneKind
  transactionId: string
  saleTransactionId: SaleTransactionId
  customerKey: string
  customerEmail: string | null
  payload?: Payload
  unreadablePayload?: Record<string, unknown>
  source: 'signup' | 'api' | 'sql' | 'stripe'
  stripeEventId: string | null
  occurredAt: string
  state: TrackingState
  reason: string | null
  explanation: string | null
  advice: string | null
  attentionSince: string | null
  resolution: Resolution | null
  retryable: boolean
  attempts: number
  nextAttemptAt: string | null
  lastStatus: number | null
  lastError: string | null
  response: unknown
  createdAt: string
  settledAt: string | null
}

export type LeadEvent = EventOf<'lead', string | null, Lead>
export type SaleEvent = EventOf<'sale', string | null, Sale>
export type RefundEvent = EventOf<'refund', string, Refund>
type TrackingEvent = LeadEvent | SaleEvent | RefundEvent

interface StripeEvent {
  id: string
  type: string
  apiVersion: string | null
  livemode: boolean
  customerKey: string | null
  customerEmail: string | null
  createdAt: string
  receivedAt: string
  state: StripeEventState
  reason: string | null
  explanation: string | null
  advice: string | null
  attentionSince: string | null
  resolution: Resolution | null
  attempts: number
  nextAttemptAt: string | null
}

interface Attempt { trackingEventId: number, attempt: number, status: number, error: string | null, durationMs: number }

interface Action {
  action: 'retry' | 'hold' | 'resolve' | 'reopen' | 'delete_personal_data'
  trackingEventId: number | null
  stripeEventId: string | null
  note: string | null
  by: string | null
}

test('GET /api/tracking/events', () => {
  expect<RequestOf<typeof listTrackingEventsSchema>['query']>().type.toBe<{
    kind?: Kind
    state?: TrackingState
    reason?: string
    source?: 'signup' | 'api' | 'sql' | 'stripe'
    customerKey?: string
    transactionId?: string
    since?: string
    until?: string
    q?: string
    limit?: number
    cursor?: string
  }>()
  expect<RequestOf<typeof listTrackingEventsSchema>['body']>().type.toBe<unknown>()
  expect<StatusOf<typeof listTrackingEventsSchema>>().type.toBe<200 | 400 | 401 | 403 | 500 | 503>()
  expect<AnswerOf<typeof listTrackingEventsSchema, 200>>().type.toBe<{ events: TrackingEvent[], nextCursor: string | null }>()
  expect<AnswerOf<typeof listTrackingEventsSchema, 401>>().type.toBe<ErrorBody>()
})

describe('one tracking event', () => {
  test('its kind tells its payload, here and in the client', () => {
    const told = {} as AnswerOf<typeof trackingEventSchema, 200>
    if (told.kind === 'sale') expect(told.payload).type.toBe<Sale | undefined>()
    if (told.kind === 'refund') expect(told.saleTransactionId).type.toBe<string>()
    const read = {} as Schemas['TrackingEvent']
    if (read.kind === 'lead') expect(read.payload?.email).type.toBe<string | undefined>()
    if (read.kind === 'sale') expect(read.payload?.amountCents).type.toBe<number | undefined>()
    if (read.kind === 'refund') expect(read.payload?.full).type.toBe<boolean | undefined>()
    const entry = {} as Schemas['StoryEntry']
    if (entry.kind === 'fact') expect(entry.trackingEvent).type.toBe<Schemas['TrackingEvent']>()
    if (entry.kind === 'checkout') expect(entry.checkout.sessionId).type.toBe<string>()
  })
  test('GET /api/tracking/events/:id', () => {
    expect<RequestOf<typeof trackingEventSchema>['params']>().type.toBe<{ id: number }>()
    expect<StatusOf<typeof trackingEventSchema>>().type.toBe<200 | 400 | 401 | 403 | 404 | 500 | 503>()
    expect<AnswerOf<typeof trackingEventSchema, 200>>().type.toBe<TrackingEvent>()
    expect<AnswerOf<typeof trackingEventSchema, 404>>().type.toBe<ErrorBody>()
  })
  test('POST /api/tracking/events/:id/retry', () => {
    expect<RequestOf<typeof retryTrackingEventSchema>['params']>().type.toBe<{ id: number }>()
    expect<RequestOf<typeof retryTrackingEventSchema>['body']>().type.toBe<{ by?: string } | null>()
    expect<StatusOf<typeof retryTrackingEventSchema>>().type.toBe<202 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503>()
    expect<AnswerOf<typeof retryTrackingEventSchema, 202>>().type.toBe<TrackingEvent>()
    expect<AnswerOf<typeof retryTrackingEventSchema, 409>>().type.toBe<ErrorBody>()
  })
  test('POST /api/tracking/events/:id/hold', () => {
    expect<RequestOf<typeof holdTrackingEventSchema>['params']>().type.toBe<{ id: number }>()
    expect<RequestOf<typeof holdTrackingEventSchema>['body']>().type.toBe<{ by?: string } | null>()
    expect<StatusOf<typeof holdTrackingEventSchema>>().type.toBe<200 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503>()
    expect<AnswerOf<typeof holdTrackingEventSchema, 200>>().type.toBe<TrackingEvent>()
    expect<AnswerOf<typeof holdTrackingEventSchema, 409>>().type.toBe<ErrorBody>()
  })
})

test('GET /api/tracking/stripe-events', () => {
  expect<RequestOf<typeof listStripeEventsSchema>['query']>().type.toBe<{
    state?: StripeEventState, type?: string, reason?: string, customerKey?: string, since?: string, until?: string, limit?: number, cursor?: string
  }>()
  expect<StatusOf<typeof listStripeEventsSchema>>().type.toBe<200 | 400 | 401 | 403 | 500 | 503>()
  expect<AnswerOf<typeof listStripeEventsSchema, 200>>().type.toBe<{ events: StripeEvent[], nextCursor: string | null }>()
})

test('GET /api/tracking/stripe-events/:id', () => {
  expect<RequestOf<typeof stripeEventSchema>['params']>().type.toBe<{ id: string }>()
  expect<AnswerOf<typeof stripeEventSchema, 200>>().type.toBe<StripeEvent>()
})

test('GET /api/tracking/search', () => {
  expect<RequestOf<typeof searchSchema>['query']>().type.toBe<{ q: string }>()
  expect<AnswerOf<typeof searchSchema, 200>['customers'][number]['sales']>().type.toBe<Array<{
    currency: string, count: number, amountCents: number, refundedCents: number
  }>>()
})

test('POST /api/tracking/events/:id/resolve', () => {
  expect<RequestOf<typeof resolveTrackingEventSchema>['body']>().type.toBe<{ note: string, by?: string }>()
  expect<AnswerOf<typeof resolveTrackingEventSchema, 200>>().type.toBe<TrackingEvent>()
})

test('POST /api/tracking/stripe-events/:id/retry', () => {
  expect<RequestOf<typeof retryStripeEventSchema>['params']>().type.toBe<{ id: string }>()
  expect<StatusOf<typeof retryStripeEventSchema>>().type.toBe<202 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 503>()
  expect<AnswerOf<typeof retryStripeEventSchema, 202>>().type.toBe<StripeEvent>()
})

describe('reports', () => {
  type Period = '1h' | '24h' | '7d' | '30d'
  test('GET /api/tracking/funnel', () => {
    expect<RequestOf<typeof funnelSchema>['query']>().type.toBe<{ period?: Period }>()
    expect<AnswerOf<typeof funnelSchema, 200>>().type.toBe<{
      period: Period
      since: string
      leads: number
      referredLeads: number
      checkouts: number
      sales: number
      currencies: Array<{
        currency: string, sales: number, attributedSales: number, revenueCents: number, refundedCents: number, commissionCents: number | null
      }>
    }>()
  })
  test('GET /api/tracking/deliveries', () => {
    expect<RequestOf<typeof deliveriesSchema>['query']>().type.toBe<{ period?: Period }>()
    expect<AnswerOf<typeof deliveriesSchema, 200>>().type.toBe<{
      period: Period, since: string, bucketSeconds: number, buckets: Array<{ at: string, answered: number, failed: number }>
    }>()
  })
  test('GET /api/tracking/checks', () => {
    expect<StatusOf<typeof checksSchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
    expect<AnswerOf<typeof checksSchema, 200>>().type.toBe<{
      checks: Array<{ check: string, status: 'pass' | 'fail' | 'skip', message: string, fix: string | null }>
      checkedAt: string
    }>()
  })

  test('GET /api/tracking/program', () => {
    expect<StatusOf<typeof programSchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
    expect<AnswerOf<typeof programSchema, 200>>().type.toBe<{
      programId: string, state: string, blocker: string | null, clicks24h: number | null, checkedAt: string
    }>()
  })
})

test('GET /api/tracking/customers/:customerKey', () => {
  expect<RequestOf<typeof customerStorySchema>['params']>().type.toBe<{ customerKey: string }>()
  expect<StatusOf<typeof customerStorySchema>>().type.toBe<200 | 400 | 401 | 403 | 404 | 500 | 503>()
  expect<AnswerOf<typeof customerStorySchema, 200>>().type.toBe<{
    customerKey: string
    email: string | null
    verdict: string
    clickId: string | null
    stripeReferences: string[]
    entries: Array<
      { at: string, kind: 'stripe_event', stripeEvent: StripeEvent } |
      { at: string, kind: 'checkout', checkout: { sessionId: string, priceId: string, mode: 'payment' | 'subscription', quantity: number } } |
      { at: string, kind: 'fact', trackingEvent: TrackingEvent } |
      { at: string, kind: 'attempt', attempt: Attempt } |
      { at: string, kind: 'action', action: Action }
    >
  }>()
})

test('GET /api/tracking/summary', () => {
  expect<RequestOf<typeof summarySchema>['query']>().type.toBe<unknown>()
  expect<StatusOf<typeof summarySchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
  expect<AnswerOf<typeof summarySchema, 200>>().type.toBe<{
    counts: Array<{ kind: Kind, state: TrackingState, count: number }>
    oldestPendingSeconds: number | null
    stripeEvents: Array<{ state: StripeEventState, count: number }>
    delivery: { state: 'running' | 'paused', reason: string | null, pausedUntil: string | null }
    stripeDashboard: string | null
    affitorDashboard: string | null
  }>()
})
