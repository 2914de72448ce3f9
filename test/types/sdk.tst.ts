import { describe, expect, test } from 'tstyche'
import { AffitorServiceError, ConflictError, ConnectionError, NotFoundError } from '../../sdk/index.js'
import type { Client, Schemas } from '../../sdk/index.js'

declare const client: Client

describe('the methods of the SDK', () => {
  test('take path, query and body as one object', () => {
    expect(client.createUser).type.toBeCallableWith({ email: 'ada@example.com', password: 'correct horse battery' })
    expect(client.createUser).type.not.toBeCallableWith({ email: 'ada@example.com' })
    expect(client.createUser).type.not.toBeCallableWith()
    expect(client.resolveTrackingEvent).type.toBeCallableWith({ id: 17, note: 'Done.' }, { maxRetries: 0 })
    expect(client.resolveTrackingEvent).type.not.toBeCallableWith({ note: 'Done.' })
    expect(client.retryTrackingEvent).type.toBeCallableWith({ id: 17 })
    expect(client.listTrackingEvents).type.toBeCallableWith({ state: 'pending' })
    expect(client.listTrackingEvents).type.not.toBeCallableWith({ state: 'unknown' })
    expect(client.listTrackingEvents).type.toBeCallableWith()
    expect(client.getAttention).type.toBeCallableWith({}, { timeoutMs: 100 })
    expect(client.getAttention).type.not.toBeCallableWith({ id: 17 })
  })
  test('take a key where the operation has one', () => {
    expect(client.createCheckout).type.toBeCallableWith({ priceId: 'price_1', mode: 'payment' }, { idempotencyKey: 'order-7' })
    expect(client.createUser).type.toBeCallableWith({ email: 'ada@example.com', password: 'correct horse battery' }, { idempotencyKey: 'order-7' })
    expect(client.logIn).type.not.toBeCallableWith({ email: 'ada@example.com', password: 'correct horse battery' }, { idempotencyKey: 'order-7' })
  })
  test('resolve to the data', () => {
    expect(client.createUser({ email: '', password: '' })).type.toBe<Promise<Schemas['Authentication']>>()
    expect(client.reportLead({ customerKey: 'ada' })).type.toBeAssignableTo<Promise<Schemas['TrackingEvent']>>()
    expect(client.logOut()).type.toBe<Promise<undefined>>()
    expect(client.exportTrackingEvents()).type.toBe<Promise<string>>()
    expect(client.listTrackingEvents()).type.toBe<Promise<Schemas['TrackingEventPage']> & AsyncIterable<Schemas['TrackingEvent']>>()
    expect(client.listStripeEvents()).type.toBe<Promise<Schemas['StripeEventPage']> & AsyncIterable<Schemas['StripeEvent']>>()
  })
})

test('an error of the SDK knows its status, when there was an answer', () => {
  expect<AffitorServiceError['status']>().type.toBe<number | undefined>()
  expect<AffitorServiceError['code']>().type.toBeAssignableFrom('EMAIL_TAKEN')
})

test('a class of errors knows which codes its status has', () => {
  expect<ConflictError>().type.toBeAssignableTo<AffitorServiceError>()
  expect<ConflictError['code']>().type.toBeAssignableFrom('EMAIL_TAKEN')
  expect<ConnectionError['code']>().type.toBe<'NO_ANSWER' | 'TIMEOUT'>()
  expect(NotFoundError.status).type.toBe<404>()
})
