import t from 'tap'
import type { StripeEventRow } from '../../src/ledger/stripe-events.js'
import type { TrackingEventRow } from '../../src/ledger/tracking-events.js'
import { verdictOf } from '../../src/ledger/verdict.js'

const lead = { email: 'ada@example.com', state: 'delivered' } as const
let ids = 0

/** A fact of a customer; a sale of 19 dollars on the second of November unless told otherwise. */
function fact (fields: Partial<TrackingEventRow> = {}, payload: object = {}): TrackingEventRow {
  const id = ++ids
  return {
    id,
    kind: 'sale',
    transactionId: `in_${id}`,
    saleTransactionId: null,
    customerKey: 'ada',
    payload: { v: 1, amountCents: 1900, currency: 'USD', saleType: 'subscription', isRecurring: false, ...payload },
    source: 'evt_1',
    occurredAt: new Date('2026-11-02T10:00:00Z'),
    state: 'delivered',
    reason: null,
    attempts: 1,
    nextAttemptAt: null,
    traceparent: null,
    lastStatus: 200,
    lastError: null,
    response: null,
    createdAt: new Date('2026-11-02T10:00:01Z'),
    settledAt: null,
    attentionSince: null,
    lead,
    resolution: null,
    earnedBefore: null,
    ...fields
  }
}

const refundOf = (sale: TrackingEventRow, fields: Partial<TrackingEventRow> = {}) =>
  fact({ kind: 'refund', saleTransactionId: sale.transactionId, ...fields, payload: { v: 1, amountCents: 1900, currency: 'USD', full: true } })

const bankDebit = (at = '2026-11-02T10:00:00Z') => ({ id: 'evt_9', reason: 'unpaid', createdAt: new Date(at), receivedAt: new Date(at) }) as StripeEventRow

const verdict = (trackingEvents: TrackingEventRow[], stripeEvents: StripeEventRow[] = []) => verdictOf({ trackingEvents, stripeEvents })

t.test('the partner was credited for everything', async t => {
  t.equal(verdict([fact()]), 'One payment, $19.00; the partner was credited for it.')
  t.equal(verdict([fact(), fact({}, { currency: 'EUR' })]), 'Two payments, $19.00 and €19.00; the partner was credited for both.')
  t.equal(verdict([fact({ response: { commission_id: 7 } })]), 'One payment, $19.00; the partner was credited for it (commission 7 at Affitor).')
})

t.test('a renewal after the window is named, with its day, and is worth a question where an earlier payment earned', async t => {
  const renewal = fact({
    state: 'unattributed',
    reason: 'attribution_window_expired',
    occurredAt: new Date('2026-11-03T10:00:00Z'),
    response: { attributed: false, window_days: 60, click_age_days: 71 },
    earnedBefore: true
  }, { isRecurring: true })
  t.equal(verdict([renewal, fact()]),
    'Two payments, $38.00; the partner was credited for one. The renewal of 3 November 2026: it came after the attribution window of 60 days, ' +
    '71 days after the click. An earlier payment of this customer earned a commission: ask Affitor whether renewals are meant to end with the window.')
})

t.test('the first payment of a subscription is one, though an invoice tells it too', async t => {
  t.match(verdict([fact(), fact({ state: 'skipped', reason: 'twin_of_session' })]), /^One payment, \$19\.00; the partner was credited for it\.$/)
})

t.test('a bank debit that has not cleared is no "nothing"', async t => {
  t.equal(verdict([], [bankDebit()]), 'A payment was begun that has not cleared yet, such as a bank debit: it is counted when the money comes.')
  t.equal(verdict([]), 'No payment is known of this customer yet.')
  t.match(verdict([fact()], [bankDebit()]), /credited for it\.$/, 'it has cleared since')
  t.match(verdict([fact()], [bankDebit('2026-11-20T10:00:00Z')]), /A further payment has not cleared yet/)
})

t.test('what waits for Affitor is told apart from what it refused', async t => {
  t.equal(verdict([fact({ state: 'pending' })]), 'One payment, $19.00; the partner was credited for none, and Affitor has not answered yet.')
  t.match(verdict([fact(), fact({ state: 'pending' })]), /credited for one, and one waits for Affitor's answer\.$/)
})

t.test('a customer of whom no signup was reported is not one whom nobody referred', async t => {
  const unknown = { state: 'unattributed', reason: 'customer_not_found' } as const
  t.match(verdict([fact({ ...unknown, lead: null })]), /No signup was ever reported for this customer/)
  t.match(verdict([fact(unknown)]), /no partner brought them/)
})

t.test('refunds are told with what became of them', async t => {
  const sale = fact()
  t.match(verdict([sale, refundOf(sale)]), /One refund, \$19\.00: taken back from the partner\.$/)
  t.match(verdict([sale, refundOf(sale, { state: 'pending' })]), /One refund, \$19\.00: Affitor has not answered yet\.$/)
  t.match(verdict([sale, refundOf(sale), refundOf(sale, { state: 'needs_attention', reason: 'later_refund_not_applied' })]),
    /Two refunds, \$38\.00: one taken back from the partner; Affitor applies one refund a sale/)
})

t.test('what a person has dealt with is said in their words', async t => {
  t.match(verdict([fact({ state: 'resolved', reason: 'transaction_id_used_up', resolution: { note: 'Credited by hand.', by: 'Grace', at: '2026-11-05' } })]),
    /The payment of 2 November 2026: .+ Dealt with by Grace: Credited by hand\.$/)
})

t.test('whatever became of a customer\'s payments, the number that was credited is the number of those delivered', async t => {
  const words = ['none', 'one', 'two', 'three', 'four']
  for (let delivered = 0; delivered <= 4; delivered++) {
    for (let refused = 0; refused <= 3; refused++) {
      const facts = [...Array.from({ length: delivered }, () => fact()), ...Array.from({ length: refused }, () => fact({ state: 'rejected', reason: 'refused' }))]
      if (facts.length === 0) continue
      const all = refused > 0 || delivered === 0 ? words[delivered] : delivered === 1 ? 'it' : delivered === 2 ? 'both' : `all ${words[delivered]}`
      t.match(verdict(facts), new RegExp(`credited for ${all}\\b`), `${delivered} of ${facts.length}`)
    }
  }
})
