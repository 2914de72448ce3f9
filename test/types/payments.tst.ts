import { describe, expect, test } from 'tstyche'
import type { checkoutSchema } from '../../src/service/routes/checkout.js'
import type { stripeWebhookSchema } from '../../src/routes/stripe-webhook.js'
import type { ErrorBody } from './contract.js'
import type { AnswerOf, RequestOf, StatusOf } from './inferred.js'

describe('POST /api/checkout', () => {
  test('request', () => {
    expect<RequestOf<typeof checkoutSchema>['body']>().type.toBe<{
      priceId: string, mode: 'payment' | 'subscription', quantity?: number, affitorClickId?: string | null
    }>()
    expect<RequestOf<typeof checkoutSchema>['headers']['idempotency-key']>().type.toBe<string | undefined>()
    expect<RequestOf<typeof checkoutSchema>['params']>().type.toBe<unknown>()
    expect<RequestOf<typeof checkoutSchema>['query']>().type.toBe<unknown>()
  })
  test('answers', () => {
    expect<StatusOf<typeof checkoutSchema>>().type.toBe<201 | 400 | 401 | 403 | 409 | 413 | 415 | 500 | 502 | 503>()
    expect<AnswerOf<typeof checkoutSchema, 201>>().type.toBe<{ sessionId: string, url: string }>()
    expect<AnswerOf<typeof checkoutSchema, 502>>().type.toBe<ErrorBody>()
  })
})

describe('POST /webhooks/stripe', () => {
  test('the body is the bytes that were signed', () => {
    expect<RequestOf<typeof stripeWebhookSchema>['body']>().type.toBe<Buffer>()
  })
  test('headers', () => {
    expect<RequestOf<typeof stripeWebhookSchema>['headers']['stripe-signature']>().type.toBe<string | undefined>()
  })
  test('answers', () => {
    expect<StatusOf<typeof stripeWebhookSchema>>().type.toBe<200 | 400 | 413 | 500 | 503>()
    expect<AnswerOf<typeof stripeWebhookSchema, 200>>().type.toBe<{ received: true }>()
    expect<AnswerOf<typeof stripeWebhookSchema, 400>>().type.toBe<ErrorBody>()
  })
})
