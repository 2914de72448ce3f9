import assert from 'node:assert/strict'
import type { StripeState } from '../../sandbox/stripe/index.js'
import { keptAtStripe } from './kept.js'
import type { Kept } from './kept.js'
import type { LedgerFact, SeenCall } from './stage.js'

export interface AuditSettings { currencies: ReadonlySet<string>, netOfTax: boolean }

const defaults: AuditSettings = { currencies: new Set(['USD', 'EUR', 'VND']), netOfTax: false }

/** Compares the books: what Stripe kept, what the ledger holds, and what Affitor was told. */
export function audit (ledger: LedgerFact[], calls: SeenCall[], state: StripeState, settings = defaults): void {
  const payments = keptAtStripe(state)
  const counted = payments.filter(payment => saleOf(payment, settings) > 0)
  const sales = ledger.filter(({ kind, reason }) => kind === 'sale' && reason !== 'twin_of_session')
  assert.deepEqual(sales.map(({ transactionId }) => transactionId).sort(), counted.map(({ transactionId }) => transactionId).sort(), 'the sales are the payments')

  for (const payment of counted) {
    const sale = sales.find(({ transactionId }) => transactionId === payment.transactionId) as LedgerFact
    const refunds = ledger.filter(fact => fact.kind === 'refund' && fact.saleTransactionId === sale.transactionId)
    auditSale(payment, sale, refunds, settings)
    auditCalls(sale, refunds, calls, settings)
  }
  assert.equal(
    ledger.filter(({ kind }) => kind === 'refund').length,
    sales.reduce((count, { transactionId }) => count + ledger.filter(fact => fact.saleTransactionId === transactionId).length, 0),
    'every refund is one of a sale')
}

/** What the commission is on. */
function saleOf ({ paidCents, taxCents }: Kept, { netOfTax }: AuditSettings): number {
  return netOfTax ? paidCents - taxCents : paidCents
}

function auditSale (payment: Kept, sale: LedgerFact, refunds: LedgerFact[], settings: AuditSettings): void {
  const { paidCents, refundedCents, disputedCents } = payment
  const soldCents = amountOf(sale)
  assert.equal(soldCents, saleOf(payment, settings), 'the sale is what was paid')
  assert.equal(sale.payload.currency, payment.currency)
  const toldBack = refunds.reduce((sum, refund) => sum + amountOf(refund), 0)
  const keptCents = Math.max(0, paidCents - refundedCents - disputedCents)
  const told = soldCents - toldBack
  assert.ok(told >= 0 && told <= soldCents, `told ${told} of ${soldCents}`)
  assert.ok(refunds.every(refund => amountOf(refund) > 0))
  assert.equal(told, soldCents - Math.round(soldCents * (paidCents - keptCents) / paidCents), `${JSON.stringify(payment)} ${JSON.stringify(refunds)}`)
}

/** Affitor applies one refund of a sale; the others are told all the same. */
function auditCalls (sale: LedgerFact, refunds: LedgerFact[], calls: SeenCall[], { currencies }: AuditSettings): void {
  const told = calls.filter(({ body }) => body.transaction_id === sale.transactionId)
  const asSale = told.filter(({ endpoint }) => endpoint === 'sale')
  const asRefund = told.filter(({ endpoint }) => endpoint === 'refund')
  const outcomes = refunds.map(({ state, reason }) => [state, reason])
  if (!currencies.has(sale.payload.currency ?? '')) {
    assert.deepEqual([sale.state, sale.reason, asSale.length], ['needs_attention', 'unsupported_currency', 0])
    assert.deepEqual(outcomes, refunds.map(() => ['needs_attention', 'sale_needs_attention']))
    return
  }
  assert.deepEqual(asSale.map(({ body }) => [body.amount_cents, body.currency]), [[amountOf(sale), sale.payload.currency]], 'a sale is told once')
  if (sale.state === 'unattributed') {
    assert.deepEqual([outcomes, asRefund.length], [refunds.map(() => ['skipped', 'sale_not_attributed']), 0])
    return
  }
  assert.equal(sale.state, 'delivered')
  assert.deepEqual(outcomes, refunds.map((_, index) => index === 0 ? ['delivered', null] : ['needs_attention', 'later_refund_not_applied']))
  const amounts = refunds.map(refund => refund.payload.full === true ? undefined : amountOf(refund))
  assert.deepEqual(asRefund.map(({ body }) => body.refund_amount_cents), amounts, 'each refund is told once')
}

function amountOf (fact: LedgerFact): number {
  return fact.payload.amountCents ?? NaN
}
