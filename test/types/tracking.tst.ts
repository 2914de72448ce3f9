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
import type { Contract, ErrorBody, Kind, Sale, StripeEvent, StripeEventState, TrackingEvent, TrackingState } from './contract.js'
import type { AnswerOf, RequestOf, StatusOf } from './inferred.js'

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
  expect<AnswerOf<typeof listTrackingEventsSchema, 200>>().type.toBe<Contract['TrackingEventPage']>()
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
  expect<AnswerOf<typeof listStripeEventsSchema, 200>>().type.toBe<Contract['StripeEventPage']>()
})

test('GET /api/tracking/stripe-events/:id', () => {
  expect<RequestOf<typeof stripeEventSchema>['params']>().type.toBe<{ id: string }>()
  expect<AnswerOf<typeof stripeEventSchema, 200>>().type.toBe<StripeEvent>()
})

test('GET /api/tracking/search', () => {
  expect<RequestOf<typeof searchSchema>['query']>().type.toBe<{ q: string }>()
  expect<AnswerOf<typeof searchSchema, 200>>().type.toBe<Contract['CustomerSearch']>()
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
  test('GET /api/tracking/funnel', () => {
    expect<RequestOf<typeof funnelSchema>['query']>().type.toBe<{ period?: Contract['Period'] }>()
    expect<AnswerOf<typeof funnelSchema, 200>>().type.toBe<Contract['TrackingFunnel']>()
  })
  test('GET /api/tracking/deliveries', () => {
    expect<RequestOf<typeof deliveriesSchema>['query']>().type.toBe<{ period?: Contract['Period'] }>()
    expect<AnswerOf<typeof deliveriesSchema, 200>>().type.toBe<Contract['DeliveryReport']>()
  })
  test('GET /api/tracking/checks', () => {
    expect<StatusOf<typeof checksSchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
    expect<AnswerOf<typeof checksSchema, 200>>().type.toBe<Contract['InstallationChecks']>()
  })

  test('GET /api/tracking/program', () => {
    expect<StatusOf<typeof programSchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
    expect<AnswerOf<typeof programSchema, 200>>().type.toBe<Contract['ProgramStatus']>()
  })
})

test('GET /api/tracking/customers/:customerKey', () => {
  expect<RequestOf<typeof customerStorySchema>['params']>().type.toBe<{ customerKey: string }>()
  expect<StatusOf<typeof customerStorySchema>>().type.toBe<200 | 400 | 401 | 403 | 404 | 500 | 503>()
  expect<AnswerOf<typeof customerStorySchema, 200>>().type.toBe<Contract['CustomerStory']>()
})

test('GET /api/tracking/summary', () => {
  expect<RequestOf<typeof summarySchema>['query']>().type.toBe<unknown>()
  expect<StatusOf<typeof summarySchema>>().type.toBe<200 | 304 | 400 | 401 | 403 | 500 | 503>()
  expect<AnswerOf<typeof summarySchema, 200>>().type.toBe<Contract['TrackingSummary']>()
})
