import t from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { applyCorrections } from '../../src/ledger/facts.js'
import { reasons } from '../../src/ledger/reasons.js'
import { matchError } from '../helpers/errors.js'
import { openShop } from '../helpers/shop.js'

const shop = await openShop(t)
const retry = (id: number) => shop.operator('POST', `/api/tracking/events/${id}/retry`)
const event = async (id: number) => (await shop.operator<TrackingEvent>('GET', `/api/tracking/events/${id}`)).body
const settle = (id: number, state: string, reason: string | null) =>
  shop.rows.query('update tracking_events set state = $2, reason = $3, next_attempt_at = null, settled_at = now() where id = $1', [id, state, reason])

/** What a retry would do wrong, or in vain, and the state that each reason comes with. */
const refused: Array<[reason: keyof typeof reasons, state: string, why: RegExp]> = [
  ['refund_failed_after_sent', 'needs_attention', /money that stayed with us\. Ask Affitor to give the partner the commission back/],
  ['dispute_won_after_reversal', 'needs_attention', /money that stayed with us\. Ask Affitor to give the partner the commission back/],
  ['credit_note_voided_after_sent', 'needs_attention', /money that stayed with us\. Ask Affitor to give the partner the commission back/],
  ['later_refund_not_applied', 'needs_attention', /would skip it again\. Ask Affitor to take this refund back/],
  ['refund_outcome_unknown', 'needs_attention', /would skip it again\. Ask Affitor which refund it has/],
  ['no_commission', 'unattributed', /Ask Affitor why the sale has no commission/]
]

for (const [reason, state, why] of refused) {
  t.test(`${reason}: sending again would be wrong, so Retry is refused, and the note stays`, async t => {
    const kind = reason === 'no_commission' ? 'sale' : 'refund'
    const [id = 0] = await shop.rows.add({ kind, ...(kind === 'refund' ? { saleTransactionId: 'cs_elsewhere' } : {}) })
    await settle(id, state, reason)
    const before = await event(id)
    t.match(before, { retryable: false, explanation: reasons[reason].meaning })
    matchError(t, await retry(id), 'NOT_RETRYABLE', why)
    t.same(await event(id), before)
  })
}

t.test('every other reason may be sent again where its state allows it, and the event says so', async t => {
  const [id = 0] = await shop.rows.add({})
  for (const reason of [...Object.keys(reasons), 'a_reason_of_a_later_version'].filter(name => !refused.some(([other]) => other === name))) {
    for (const [state, retryable] of [['needs_attention', true], ['rejected', true], ['unattributed', true], ['skipped', false], ['delivered', false]] as const) {
      await settle(id, state, reason)
      t.equal((await event(id)).retryable, retryable, `${state} ${reason}`)
    }
  }
  for (const reason of ['retries_exhausted', 'transaction_id_used_up', 'held_by_operator']) {
    await settle(id, 'needs_attention', reason)
    t.match(await retry(id), { status: 202, body: { state: 'pending', reason: null, retryable: false } }, reason)
  }
  await settle(id, 'delivered', null)
})

t.test('with a sale goes no refund whose money came back, and none that Affitor would skip', async t => {
  const [sale = 0] = await shop.rows.add({ transactionId: 'cs_1', customerKey: 'ada' })
  await settle(sale, 'unattributed', 'customer_not_found')
  const refund = { kind: 'refund', customerKey: 'ada', saleTransactionId: 'cs_1' } as const
  const stay = ['refund_failed', 'dispute_won', 'credit_note_voided', 'refund_failed_after_sent', 'credit_note_voided_after_sent', 'dispute_won_after_reversal', 'later_refund_not_applied', 'refund_outcome_unknown']
  const go = ['sale_not_attributed', 'sale_not_sent', 'sale_needs_attention']
  for (const reason of [...stay, ...go]) {
    const [id = 0] = await shop.rows.add({ ...refund, transactionId: reason })
    await settle(id, ['refund_failed', 'dispute_won', 'credit_note_voided', 'sale_not_attributed', 'sale_not_sent'].includes(reason) ? 'skipped' : 'needs_attention', reason)
  }
  t.match(await retry(sale), { status: 202 })
  const rows = (await shop.rows.rows()).filter(row => row.kind === 'refund' && row.customer_key === 'ada')
  t.same(rows.filter(row => row.state === 'pending').map(row => row.transaction_id), go)
  t.same(rows.filter(row => row.state !== 'pending').map(row => row.reason), stay)
  await shop.rows.query("update tracking_events set state = 'delivered' where state = 'pending'")
})

t.test('a refund whose money came back after it was skipped with its sale does not go with the sale', async t => {
  const customer = await shop.signUp()
  const sale = await shop.tell({ customerKey: customer.userId, transactionId: 'cs_2' })
  const refund = await shop.tell({ kind: 'refund', customerKey: customer.userId, saleTransactionId: 'cs_2', transactionId: 're_2' })
  t.match(await shop.rows.row(refund), { state: 'skipped', reason: 'sale_not_attributed' })
  const correction = { kind: 'refund', transactionId: 're_2', reason: 'refund_failed', reasonIfSent: 'refund_failed_after_sent' } as const
  await shop.rows.db.transaction(tx => applyCorrections(tx, [correction]))
  t.match(await retry(sale), { status: 202 })
  t.match(await shop.rows.row(refund), { state: 'skipped', reason: 'refund_failed' })
})

t.test('a refund of which Affitor took nothing back is skipped when its money comes back: nobody is owed anything', async t => {
  const of = { kind: 'refund', saleTransactionId: 'cs_3' } as const
  const cases: Array<[state: string, reason: string, attempts: number, end: object]> = [
    ['needs_attention', 'held_by_operator', 0, { state: 'skipped', reason: 'refund_failed' }],
    ['needs_attention', 'held_by_operator', 1, { state: 'needs_attention', reason: 'refund_failed_after_sent' }],
    ['needs_attention', 'sale_needs_attention', 1, { state: 'skipped', reason: 'refund_failed' }],
    ['needs_attention', 'later_refund_not_applied', 1, { state: 'skipped', reason: 'refund_failed' }],
    ['rejected', 'sale_unknown_to_affitor', 1, { state: 'skipped', reason: 'refund_failed' }],
    ['needs_attention', 'retries_exhausted', 9, { state: 'needs_attention', reason: 'refund_failed_after_sent' }]
  ]
  for (const [index, [state, reason, attempts, end]] of cases.entries()) {
    const [id = 0] = await shop.rows.add({ ...of, transactionId: `re_3_${index}` })
    await settle(id, state, reason)
    await shop.rows.query('update tracking_events set attempts = $2 where id = $1', [id, attempts])
    await shop.rows.db.transaction(tx => applyCorrections(tx, [{ kind: 'refund', transactionId: `re_3_${index}`, reason: 'refund_failed', reasonIfSent: 'refund_failed_after_sent' }]))
    t.match(await shop.rows.row(id), end, `${state} ${reason}`)
  }
})
