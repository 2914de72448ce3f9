import assert from 'node:assert/strict'
import { cameBack, CURRENCIES, takenBack } from './rules.js'
import type { ExpectedSale, Fact, Reversal } from './rules.js'
import { expectedNow } from './world.js'
import type { World } from './world.js'
import { sum } from './payments.js'

/** The stand-in's only partner earns this share. */
const COMMISSION = 0.2

/** Compares what the rules say with what the ledger says and what Affitor holds, to the cent. */
export async function compare ({ stage, model }: World): Promise<void> {
  const ledger = await stage.ledger()
  const expected = expectedNow(model)
  const sales = ledger.filter(({ kind, reason }) => kind === 'sale' && reason !== 'twin_of_session')
  assert.deepEqual(
    sortedJson(sales.map(({ transactionId, customerKey, payload: { amountCents, currency, isRecurring } }) => ({ transactionId, customerKey, amountCents, currency, isRecurring }))),
    sortedJson(expected.map(({ transactionId, customerKey, amountCents, currency, isRecurring }) => ({ transactionId, customerKey, amountCents, currency, isRecurring }))),
    'the ledger holds each sale once, with its amount, currency and customer')

  compareLeads(ledger, { stage, model })
  const clicked = new Set(model.buyers.filter(({ clickId }) => clickId !== undefined).map(({ userId }) => userId))
  const atAffitor = stage.service.affitor.sandbox.affitorState
  const sent = expected.filter(sale => clicked.has(sale.customerKey) && CURRENCIES.includes(sale.currency))
  assert.deepEqual(
    sortedJson(atAffitor.sales.map(({ transactionId, amountCents, currency, isRecurring }) => ({ transactionId, amountCents, currency, isRecurring }))),
    sortedJson(sent.map(({ transactionId, amountCents, currency, isRecurring }) => ({ transactionId, amountCents, currency, isRecurring }))),
    'Affitor holds each sale once, with its amount and currency')

  for (const sale of expected) {
    const fact = sales.find(({ transactionId }) => transactionId === sale.transactionId) as Fact
    const refunds = ledger.filter(({ kind, saleTransactionId }) => kind === 'refund' && saleTransactionId === sale.transactionId)
    compareRefunds(sale, refunds)
    if (!CURRENCIES.includes(sale.currency)) compareUnsent(sale, fact, refunds, ['needs_attention', 'unsupported_currency'], ['needs_attention', 'sale_needs_attention'])
    else if (!clicked.has(sale.customerKey)) compareUnsent(sale, fact, refunds, ['unattributed', 'customer_not_found'], ['skipped', 'sale_not_attributed'])
    else compareSent(sale, fact, refunds, { stage })
  }
  const refunds = ledger.filter(({ kind }) => kind === 'refund')
  assert.ok(refunds.every(({ saleTransactionId }) => expected.some(({ transactionId }) => transactionId === saleTransactionId)), 'each refund is one of a sale')
}

function compareLeads (ledger: Fact[], { model }: Pick<World, 'model' | 'stage'>): void {
  for (const { userId, clickId } of model.buyers) {
    const lead = ledger.find(({ kind, transactionId }) => kind === 'lead' && transactionId === userId)
    assert.equal(lead?.state, clickId === undefined ? 'unattributed' : 'delivered', 'a lead is told')
  }
}

/** Which money is taken back, and how much of it in all. */
function compareRefunds (sale: ExpectedSale, refunds: Fact[]): void {
  const about = `${JSON.stringify(sale)} ${JSON.stringify(refunds)}`
  const reversalOf = (fact: Fact) => sale.reversals.find(({ id }) => id === fact.transactionId)
  assert.ok(refunds.every(fact => reversalOf(fact) !== undefined && amountOf(fact) > 0), `each refund is one at Stripe: ${about}`)
  const stands = refunds.filter(fact => reversalOf(fact)?.is === 'gone')
  const total = sum(stands.map(amountOf))
  assert.ok(total <= sale.amountCents, `no more than the sale is taken back: ${about}`)
  // What was told of one that came back later is part of the others' rounding and limits.
  if (sale.reversals.some(({ is }) => is === 'back')) return
  assert.equal(total, takenBack(sale), `what is taken back is what went back: ${about}`)
  const atOnce = refunds.map(reversalOf).filter(reversal => reversal?.atOnce === true).map(reversal => reversal?.id)
  assert.deepEqual(atOnce, sale.reversals.filter(({ id, atOnce: yes }) => yes && atOnce.includes(id)).map(({ id }) => id), `they go in the order in which they were made: ${about}`)
}

/** Of a sale that Affitor was not told, or that earned nobody anything. */
function compareUnsent (sale: ExpectedSale, fact: Fact, refunds: Fact[], state: [string, string], refundState: [string, string]): void {
  assert.deepEqual([fact.state, fact.reason], state)
  for (const refund of refunds) {
    if (isBack(sale, refund)) assertOneOf(refund, ['skipped', 'needs_attention'], [...cameBack.unsent, ...cameBack.sent])
    else assert.deepEqual([refund.state, refund.reason], refundState, JSON.stringify([sale, refund]))
  }
}

function compareSent (sale: ExpectedSale, fact: Fact, refunds: Fact[], { stage }: Pick<World, 'stage'>): void {
  const { affitor: { sandbox: { affitorState: atAffitor } } } = stage.service
  const calls = stage.calls().filter(({ body }) => body.transaction_id === sale.transactionId)
  const about = JSON.stringify({ sale, fact, refunds, calls })
  const told = atAffitor.saleByTransactionId(sale.transactionId)
  const commission = told && atAffitor.commissionOf(told)
  const statuses = calls.filter(({ endpoint }) => endpoint === 'sale').map(({ status }) => status ?? 0)
  // The id may be used up without a commission, and no answer tells: a person has to ask.
  const mayBeUsedUp = statuses.at(-1) === 409 && statuses.some(status => status >= 500)
  assert.equal(commission === undefined || mayBeUsedUp, fact.reason === 'transaction_id_used_up', `a sale needs attention when its commission may be missing: ${about}`)
  assert.equal(fact.state, mayBeUsedUp ? 'needs_attention' : 'delivered', about)

  const applied = atAffitor.refunds.filter(({ transactionId }) => transactionId === sale.transactionId)
  if (commission === undefined) {
    for (const refund of refunds.filter(refund => !isBack(sale, refund))) assert.deepEqual([refund.state, refund.reason], ['skipped', 'no_commission'], about)
    return
  }
  assert.equal(commission.amountCents, Math.round(sale.amountCents * COMMISSION), about)
  const [one] = applied
  assert.equal(commission.deductedCents, one === undefined ? 0 : Math.round(commission.amountCents * one.amountCents / sale.amountCents), about)
  compareApplied(sale, refunds, one?.amountCents, about)
}

/** Affitor applies one refund a sale: it is the one that the ledger says it is, and the others need a person. */
function compareApplied (sale: ExpectedSale, refunds: Fact[], appliedCents: number | undefined, about: string): void {
  const delivered = refunds.filter(({ state }) => state === 'delivered')
  const afterSent = refunds.filter(({ reason }) => cameBack.sent.includes(reason ?? ''))
  const unknown = refunds.filter(({ reason }) => reason === 'refund_outcome_unknown')
  assert.ok(delivered.length <= 1, `one refund is delivered: ${about}`)
  for (const refund of refunds) {
    if (isBack(sale, refund)) assertOneOf(refund, ['skipped', 'needs_attention'], [...cameBack.unsent, ...cameBack.sent])
    else if (refund.state !== 'delivered') assertOneOf(refund, ['needs_attention'], ['later_refund_not_applied', 'refund_outcome_unknown'], about)
  }
  if (appliedCents === undefined) {
    assert.ok(refunds.every(refund => isBack(sale, refund)), `a refund reaches Affitor: ${about}`)
    return
  }
  const mayBe = delivered.length > 0 ? delivered : [...afterSent, ...unknown]
  // One of which Affitor took nothing back owes the partner nothing.
  if (delivered.length > 0) assert.deepEqual(afterSent, [], about)
  assert.ok(mayBe.some(refund => amountOf(refund) === appliedCents), `what Affitor took back is what the ledger says: ${about}`)
}

function isBack ({ reversals }: ExpectedSale, fact: Fact): boolean {
  return reversals.some(({ id, is }: Reversal) => id === fact.transactionId && is === 'back')
}

function assertOneOf ({ state, reason }: Fact, states: string[], reasons: string[], about = ''): void {
  assert.ok(states.includes(state) && reasons.includes(reason ?? ''), `${state}, ${reason} is none of ${states.join()} with ${reasons.join()} ${about}`)
}

function amountOf ({ payload }: Fact): number {
  return payload.amountCents ?? NaN
}

function sortedJson (items: object[]): string[] {
  return items.map(item => JSON.stringify(item)).sort()
}
