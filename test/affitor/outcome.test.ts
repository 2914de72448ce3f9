import t from 'tap'
import type { AffitorAnswer } from '../../src/affitor/client.js'
import { outcomeBeforeSending, outcomeOf, UNKNOWN_CLICK_TRIES } from '../../src/affitor/outcome.js'
import type { DeliveryOutcome } from '../../src/affitor/outcome.js'
import type { ClaimedTrackingEvent } from '../../src/ledger/delivery.js'

const history = {
  id: 1,
  customerKey: 'user_1',
  source: 'evt_1',
  attempts: 1,
  isProbe: false,
  traceparent: null,
  wasLeft: false,
  hadServerError: false,
  mayHaveArrived: false,
  hadUnclearAnswer: false,
  unknownCustomerAnswers: 0,
  refusedAlone: false,
  leadState: null,
  saleState: null,
  saleHeld: false,
  otherRefund: null
} as const

const lead: ClaimedTrackingEvent = { ...history, kind: 'lead', transactionId: 'user_1', payload: { v: 1, clickId: 'cust_42_1' } }
const organicLead: ClaimedTrackingEvent = { ...lead, payload: { v: 1, email: 'ada@example.com' } }
const sale: ClaimedTrackingEvent = {
  ...history,
  kind: 'sale',
  transactionId: 'cs_1',
  leadState: 'delivered',
  payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false }
}
const refund: ClaimedTrackingEvent = {
  ...history, kind: 'refund', transactionId: 're_1', saleTransactionId: 'cs_1', saleState: 'delivered', payload: { v: 1, amountCents: 100, currency: 'USD', full: false }
}

const ok = (data: unknown): AffitorAnswer => ({ ok: true, status: 200, data, error: null, retryAfterMs: null })
const failed = (status: number, error = 'no', retryAfterMs: number | null = null): AffitorAnswer =>
  ({ ok: false, status, data: { error }, error, retryAfterMs })
/** What is not Affitor's: a page of a proxy's, or JSON of another shape. */
const foreign = (status: number, data: unknown = null): AffitorAnswer =>
  ({ ok: false, status, data, error: `HTTP ${status}`, retryAfterMs: null })

const settings = { currencies: new Set(['USD']), saleSource: 'webhook' as const }
const settled = (state: string, reason: string | null = null) => ({ action: 'settle', state, reason })
const retried = (afterMs: number | null = null) => ({ action: 'retry', afterMs })

const cases: Array<[behaviour: string, event: ClaimedTrackingEvent, answer: AffitorAnswer, outcome: unknown]> = [
  ['a lead is delivered', lead, ok({ success: true, message: 'ok' }), settled('delivered')],
  ['a provisional lead is delivered, and the reason kept', lead, ok({ success: true, provisional: true }), settled('delivered', 'provisional')],
  ['a lead that is further along is delivered', lead, failed(400, 'Customer status cannot be updated to lead. Current status: conversion'), settled('delivered', 'further_along')],
  ['an organic lead is unattributed, not an error', organicLead, failed(400, 'Customer not found. Provide a valid click_id or customer_key.'), settled('unattributed', 'customer_not_found')],
  ['a click that Affitor does not know yet is waited for', lead, failed(400, 'Customer not found.'), retried(5_000)],
  ['the waits for a click grow', { ...lead, unknownCustomerAnswers: 3 }, failed(400, 'Customer not found.'), retried(40_000)],
  ['a click that never comes leaves the lead unattributed', { ...lead, unknownCustomerAnswers: UNKNOWN_CLICK_TRIES - 1 }, failed(400, 'Customer not found.'), settled('unattributed', 'customer_not_found')],
  ['a lead of another program is rejected', lead, failed(400, 'Customer does not belong to this program'), settled('rejected', 'refused')],

  ['a sale is delivered', sale, ok({ success: true, sale_id: 1, commission_id: 2 }), settled('delivered')],
  ['a sale after the attribution window is unattributed', sale, ok({ success: true, attributed: false, sale_id: null, commission_id: null }), settled('unattributed', 'attribution_window_expired')],
  ['a sale without a commission is unattributed', sale, ok({ success: true, sale_id: 1, commission_id: null }), settled('unattributed', 'no_commission')],
  ['a test sale is delivered', sale, ok({ data: { eventId: 1, programId: 42, test_mode: true } }), settled('delivered')],
  ['a sale of an unknown customer is final once the lead is settled', sale, failed(400, 'Customer not found. Provide customer_key or click_id.'), settled('unattributed', 'customer_not_found')],
  ['a sale whose lead needs attention needs attention too', { ...sale, leadState: 'needs_attention' }, failed(400, 'Customer not found.'), settled('needs_attention', 'lead_needs_attention')],
  ['a sale that no partner referred is unattributed', sale, failed(400, 'No affiliate attribution found for this customer in this program'), settled('unattributed', 'no_attribution')],
  ['409 on the first attempt is delivered', sale, failed(409, 'Duplicate transaction_id'), settled('delivered', 'recorded_earlier')],
  ['409 after a time-out is delivered', { ...sale, attempts: 2, mayHaveArrived: true }, failed(409), settled('delivered', 'recorded_earlier')],
  ['409 after a 5xx needs attention', { ...sale, attempts: 2, mayHaveArrived: true, hadServerError: true }, failed(409), settled('needs_attention', 'transaction_id_used_up')],

  ['a refund is delivered', refund, ok({ success: true, status: 'refunded', deductionAmount: 0.2 }), settled('delivered')],
  ['a refund without a commission is skipped', refund, ok({ success: true, status: 'no_commission', message: 'none' }), settled('skipped', 'no_commission')],
  ['a second refund that Affitor skips needs attention', { ...refund, otherRefund: 'recorded' }, ok({ success: true, status: 'skipped', reason: 'final' }), settled('needs_attention', 'later_refund_not_applied')],
  ['a refund skipped as a repeat of our own is delivered', { ...refund, attempts: 2, mayHaveArrived: true }, ok({ success: true, status: 'skipped' }), settled('delivered', 'recorded_earlier')],
  ['a repeat of a second refund still needs attention', { ...refund, attempts: 2, mayHaveArrived: true, otherRefund: 'recorded' }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'later_refund_not_applied')],
  ['a refund after nothing but a 429 is not taken for a repeat', { ...refund, attempts: 2 }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'later_refund_not_applied')],
  ['a refund skipped after a page in place of an answer: nobody knows', { ...refund, attempts: 2, hadUnclearAnswer: true }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'refund_outcome_unknown')],
  ['a refund skipped after a page, with another one recorded, is the later one', { ...refund, attempts: 2, hadUnclearAnswer: true, otherRefund: 'recorded' }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'later_refund_not_applied')],
  ['a refund skipped after a lost answer, with another one unclear: nobody knows', { ...refund, attempts: 2, mayHaveArrived: true, otherRefund: 'unclear' }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'refund_outcome_unknown')],
  ['a refund that is skipped at once is not the one of the sale, whatever became of the other', { ...refund, otherRefund: 'unclear' }, ok({ success: true, status: 'skipped' }), settled('needs_attention', 'later_refund_not_applied')],
  ['a refund of a sale that Affitor does not know is rejected', refund, failed(404, 'Sale not found for transaction_id: cs_1'), settled('rejected', 'sale_unknown_to_affitor')],
  ['a refund whose sale needs attention is kept for the operator', { ...refund, saleState: 'needs_attention' }, failed(404, 'Sale not found for transaction_id'), settled('needs_attention', 'sale_needs_attention')],
  ['a 404 that is not about the sale is retried', refund, failed(404, 'HTTP 404'), retried()],

  ['a network error is retried', sale, failed(0, 'fetch failed'), retried()],
  ['408 is retried', sale, failed(408), retried()],
  ['429 is retried when Retry-After says', sale, failed(429, 'slow down', 30_000), retried(30_000)],
  ['500 is retried', sale, failed(500), retried()],
  ['a refusal that a retry cannot change is rejected', sale, failed(400, 'amount_cents is required'), settled('rejected', 'refused')],
  ['401 pauses delivery', sale, failed(401), { action: 'pause' }],
  ['401 to one event while others pass is retried', { ...sale, refusedAlone: true }, failed(401), retried()],
  ['403 is retried: it is about the event, or a firewall\'s', sale, failed(403), retried()],
  ['a 400 page of a proxy is retried', sale, foreign(400), retried()],
  ['400 in a shape that is not Affitor\'s is retried', sale, foreign(400, { message: 'Bad Request' }), retried()],
  ['400 in the long shape of Affitor\'s errors is a refusal', sale, foreign(400, { error: { code: 'invalid', message: 'no' } }), settled('rejected', 'refused')],
  ['a 409 page of a proxy is not taken for "recorded already"', sale, foreign(409), retried()],
  ['a page of a proxy with status 200 is not taken for success', sale, ok(null), retried()],
  ['200 with success false is not taken for success', lead, ok({ success: false }), retried()],
  ['a redirect is not taken for success', sale, failed(302), retried()]
]

for (const [behaviour, event, answer, outcome] of cases) {
  t.test(behaviour, async t => { t.same(outcomeOf(event, answer), outcome as DeliveryOutcome) })
}

t.test('a refund of a sale that earned nothing is skipped without a call', async t => {
  t.same(outcomeBeforeSending({ ...refund, saleState: 'unattributed' }, settings), settled('skipped', 'sale_not_attributed'))
  t.same(outcomeBeforeSending({ ...refund, saleState: 'skipped' }, settings), settled('skipped', 'sale_not_sent'))
  t.same(outcomeBeforeSending({ ...refund, saleState: 'rejected' }, settings), settled('skipped', 'sale_not_sent'))
  t.same(outcomeBeforeSending({ ...refund, saleState: 'needs_attention', saleHeld: true }, settings), settled('needs_attention', 'sale_needs_attention'))
  t.equal(outcomeBeforeSending({ ...refund, saleState: 'needs_attention' }, settings), undefined)
  t.equal(outcomeBeforeSending(refund, settings), undefined)
  t.equal(outcomeBeforeSending(sale, settings), undefined)
})

t.test('a sale that the app told is held against the settings, one of Stripe was before', async t => {
  const told = { ...sale, source: 'sql', transactionId: 'order_1' }
  t.equal(outcomeBeforeSending(told, settings), undefined)
  const pounds = { ...told, payload: { ...sale.payload, currency: 'GBP' } }
  t.same(outcomeBeforeSending(pounds, settings), settled('needs_attention', 'unsupported_currency'))
  t.equal(outcomeBeforeSending({ ...pounds, source: 'evt_1' }, settings), undefined)
  const byConnect = { ...settings, saleSource: 'connect' as const }
  t.equal(outcomeBeforeSending(told, byConnect), undefined)
  for (const transactionId of ['cs_1', 'in_1', 'pi_1', 'ch_1']) {
    t.same(outcomeBeforeSending({ ...told, transactionId }, byConnect), settled('skipped', 'recorded_by_connect'))
    t.equal(outcomeBeforeSending({ ...told, transactionId, source: 'evt_1' }, byConnect), undefined)
  }
})
