import t from 'tap'
import { openShop } from '../helpers/shop.js'

const partial = (amountCents: number) => ({ v: 1, amountCents, currency: 'USD', full: false })

t.test('a second refund, which Affitor skips, needs attention; a repeat of our own does not', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  const refund = async (saleTransactionId: string, amountCents: number) =>
    await shop.rows.row(await shop.tell({ kind: 'refund', customerKey, saleTransactionId, payload: partial(amountCents) }))

  await shop.tell({ customerKey, transactionId: 'cs_1' })
  t.match(await refund('cs_1', 500), { state: 'delivered', reason: null, attempts: 1 })
  t.match(await refund('cs_1', 700), { state: 'needs_attention', reason: 'later_refund_not_applied', response: { status: 'skipped' } })

  await shop.tell({ customerKey, transactionId: 'cs_2' })
  shop.affitor.behave({ dropConnection: 'after', times: 1, endpoints: ['refund'] })
  t.match(await refund('cs_2', 500), { state: 'delivered', reason: 'recorded_earlier', attempts: 2 })
  shop.affitor.behave({ dropConnection: 'before', times: 1, endpoints: ['refund'] })
  t.match(await refund('cs_2', 500), { state: 'needs_attention', reason: 'later_refund_not_applied', attempts: 2 })
  t.match(shop.affitor.sandbox.affitorState.refunds, [{ transactionId: 'cs_1', amountCents: 500 }, { transactionId: 'cs_2', amountCents: 500 }])
})

t.test('a refund that was recorded, answered by a proxy\'s page, then skipped: nobody knows, and it says so', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  await shop.tell({ customerKey, transactionId: 'cs_1' })
  shop.affitor.behave({ page: 'after', times: 1, endpoints: ['refund'] })
  const refund = await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1', payload: partial(500) })
  t.match(await shop.rows.row(refund), { state: 'needs_attention', reason: 'refund_outcome_unknown', attempts: 2, response: { status: 'skipped' } })

  await shop.tell({ customerKey, transactionId: 'cs_2' })
  shop.affitor.behave({ page: 'before', times: 1, endpoints: ['refund'] })
  const other = await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_2', payload: partial(500) })
  t.match(await shop.rows.row(other), { state: 'delivered', reason: null, attempts: 2 }, 'what had not arrived is recorded by the next attempt')
})

t.test('a 400 or 409 page of a proxy is retried, for a sale and for a refund', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  for (const failStatus of [400, 409]) {
    const transactionId = `cs_${failStatus}`
    shop.affitor.behave({ page: 'before', failStatus, times: 1, endpoints: ['sale'] })
    t.match(await shop.rows.row(await shop.tell({ customerKey, transactionId })), { state: 'delivered', reason: null, attempts: 2, last_status: 200 })
    shop.affitor.behave({ page: 'before', failStatus, times: 1, endpoints: ['refund'] })
    t.match(await shop.rows.row(await shop.tell({ kind: 'refund', customerKey, saleTransactionId: transactionId, payload: partial(100) })),
      { state: 'delivered', reason: null, attempts: 2, last_status: 200 })
  }
})

t.test('an earlier refund that a person sends again after a later one was recorded is not taken for it', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  await shop.tell({ customerKey, transactionId: 'cs_1' })
  shop.affitor.behave({ dropConnection: 'before', endpoints: ['refund'] })
  const [first = 0] = await shop.rows.add({ kind: 'refund', customerKey, saleTransactionId: 'cs_1', payload: partial(500) })
  await shop.rows.query("update tracking_events set give_up_at = now() where kind = 'refund'")
  await shop.work()
  t.match(await shop.rows.row(first), { state: 'needs_attention', reason: 'retries_exhausted' })
  shop.affitor.behave({})
  await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1', payload: partial(700) })
  t.match(shop.affitor.sandbox.affitorState.refunds, [{ amountCents: 700 }])
  t.match(await shop.operator('POST', `/api/tracking/events/${first}/retry`), { status: 202 })
  await shop.work()
  t.match(await shop.rows.row(first), { state: 'needs_attention', reason: 'later_refund_not_applied' })
})

t.test('a refund of the whole sale is sent without an amount, a part of it with', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  await shop.tell({ customerKey, transactionId: 'cs_1' })
  await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1', payload: { v: 1, amountCents: 4900, currency: 'USD', full: true, refundReason: 'duplicate' } })
  await shop.tell({ customerKey, transactionId: 'cs_2' })
  await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_2', payload: partial(100) })
  t.same(shop.affitor.calls('refund').map(call => call.body), [
    { transaction_id: 'cs_1', refund_reason: 'duplicate' }, { transaction_id: 'cs_2', refund_amount_cents: 100 }
  ])
})

t.test('a refund of a sale that earned nothing is skipped without a call; when the sale is sent again it goes along', async t => {
  const shop = await openShop(t)
  const { userId: customerKey } = await shop.signUp()
  const sale = await shop.tell({ customerKey, transactionId: 'cs_1' })
  const refund = await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1' })
  t.match(await shop.rows.row(sale), { state: 'unattributed' })
  t.match(await shop.rows.row(refund), { state: 'skipped', reason: 'sale_not_attributed', last_status: null, settled_at: Date })
  t.same(shop.affitor.calls('refund'), [])

  const { affitorState } = shop.affitor.sandbox
  const clicked = affitorState.customerByClickId(await shop.affitor.click())
  if (clicked !== undefined) affitorState.bindKey(clicked, customerKey)
  t.match(await shop.operator('POST', `/api/tracking/events/${sale}/retry`), { status: 202 })
  await shop.work()
  t.match(await shop.rows.row(sale), { state: 'delivered' })
  t.match(await shop.rows.row(refund), { state: 'delivered', reason: null })
  t.same(shop.affitor.calls().slice(-2).map(call => [call.endpoint, call.status]), [['sale', 200], ['refund', 200]])
})

t.test('a refund that Affitor has no sale for is rejected, or waits for the operator with its sale', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  t.match(await shop.rows.row(await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_never' })),
    { state: 'rejected', reason: 'sale_unknown_to_affitor', last_status: 404 })

  shop.affitor.behave({ failStatus: 503, retryAfterSeconds: 60, endpoints: ['sale'] })
  const sale = await shop.tell({ customerKey, transactionId: 'cs_1' })
  await shop.rows.query('update tracking_events set give_up_at = now() where id = $1', [sale])
  await shop.hurry()
  await shop.work()
  t.match(await shop.rows.row(await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1' })),
    { state: 'needs_attention', reason: 'sale_needs_attention' })
})

t.test('in test mode every call is marked, refunds included', async t => {
  const shop = await openShop(t, { variables: { AFFITOR_TEST_MODE: 'true' } })
  const { userId: customerKey } = await shop.signUp()
  await shop.tell({ customerKey, transactionId: 'cs_1' })
  await shop.tell({ kind: 'refund', customerKey, saleTransactionId: 'cs_1', payload: partial(100) })
  const marked = { body: { additional_data: { test_mode: true } }, status: 200 }
  t.match(shop.affitor.calls(), [{ endpoint: 'lead', ...marked }, { endpoint: 'sale', ...marked }, { endpoint: 'refund', ...marked }])
  t.match(await shop.rows.rows(), Array.from({ length: 3 }, () => ({ state: 'delivered' })))
  t.match(shop.affitor.sandbox.affitorState, { sales: [], refunds: [], leads: [] })
})
