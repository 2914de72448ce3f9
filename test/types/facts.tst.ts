import { describe, expect, test } from 'tstyche'
import type { attributionSchema } from '../../src/service/routes/facts/attribution.js'
import type { reportLeadSchema, reportRefundSchema, reportSaleSchema } from '../../src/service/routes/facts/reports.js'
import type { reportStripeEventSchema } from '../../src/service/routes/facts/stripe-events.js'
import type { AnswerOf, RequestOf, StatusOf } from './inferred.js'
import type { Contract, ErrorBody, LeadEvent, RefundEvent, SaleEvent } from './contract.js'

type Reported = 200 | 201 | 400 | 401 | 403 | 409 | 413 | 415 | 429 | 500 | 503

test('POST /api/leads', () => {
  expect<RequestOf<typeof reportLeadSchema>['body']>().type.toBe<Contract['LeadReport']>()
  expect<StatusOf<typeof reportLeadSchema>>().type.toBe<Reported>()
  expect<AnswerOf<typeof reportLeadSchema, 201>>().type.toBe<LeadEvent>()
  expect<AnswerOf<typeof reportLeadSchema, 200>>().type.toBe<LeadEvent>()
  expect<AnswerOf<typeof reportLeadSchema, 409>>().type.toBe<ErrorBody>()
})

test('POST /api/sales', () => {
  expect<RequestOf<typeof reportSaleSchema>['body']>().type.toBe<Contract['SaleReport']>()
  expect<StatusOf<typeof reportSaleSchema>>().type.toBe<Reported>()
  expect<AnswerOf<typeof reportSaleSchema, 201>>().type.toBe<SaleEvent>()
})

test('POST /api/refunds', () => {
  expect<RequestOf<typeof reportRefundSchema>['body']>().type.toBe<Contract['RefundReport']>()
  expect<StatusOf<typeof reportRefundSchema>>().type.toBe<Reported | 404>()
  expect<AnswerOf<typeof reportRefundSchema, 201>>().type.toBe<RefundEvent>()
  expect<AnswerOf<typeof reportRefundSchema, 404>>().type.toBe<ErrorBody>()
})

test('POST /api/attribution', () => {
  expect<RequestOf<typeof attributionSchema>['body']>().type.toBe<Contract['AttributionRequest']>()
  expect<StatusOf<typeof attributionSchema>>().type.toBe<200 | 400 | 401 | 403 | 413 | 415 | 429 | 500 | 503>()
  expect<AnswerOf<typeof attributionSchema, 200>>().type.toBe<Contract['AttributionMetadata']>()
})

describe('POST /api/stripe-events', () => {
  test('request', () => {
    expect<RequestOf<typeof reportStripeEventSchema>['body']>().type.toBe<Contract['StripeEventReport']>()
    expect<RequestOf<typeof reportStripeEventSchema>['headers']['stripe-signature']>().type.toBe<string | undefined>()
  })
  test('answers', () => {
    expect<StatusOf<typeof reportStripeEventSchema>>().type.toBe<200 | 400 | 401 | 403 | 413 | 415 | 429 | 500 | 502 | 503>()
    expect<AnswerOf<typeof reportStripeEventSchema, 200>>().type.toBe<Contract['StripeEventReceipt']>()
  })
})
