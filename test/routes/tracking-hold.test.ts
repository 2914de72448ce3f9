import t from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { matchError } from '../helpers/errors.js'
import { eventually } from '../helpers/eventually.js'
import { openShop } from '../helpers/shop.js'

t.test('an event that waits is taken out of line, and its customer\'s later ones go on at once', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  const [first = 0, second = 0] = await shop.rows.add({ customerKey, transactionId: 'cs_1' }, { customerKey, transactionId: 'cs_2' })
  shop.affitor.behave({ failStatus: 403, retryAfterSeconds: 3_600, only: ['cs_1'] })
  await shop.work()
  t.match(await shop.rows.row(first), { state: 'pending', attempts: 1 })
  t.match(await shop.rows.row(second), { state: 'pending', attempts: 0 }, 'it waits behind the other')

  const { status, body } = await shop.operator<TrackingEvent>('POST', `/api/tracking/events/${first}/hold`)
  t.equal(status, 200)
  t.match(body, { id: first, state: 'needs_attention', reason: 'held_by_operator', advice: /Retry sends it/, retryable: true, settledAt: String, nextAttemptAt: null })
  await shop.work()
  t.match(await shop.rows.row(second), { state: 'delivered' })
  t.match(await shop.rows.row(first), { state: 'needs_attention', attempts: 1 })

  shop.affitor.behave({})
  t.equal((await shop.operator('POST', `/api/tracking/events/${first}/retry`)).status, 202)
  await shop.work()
  t.match(await shop.rows.row(first), { state: 'delivered', reason: null, attempts: 2 })
})

t.test('a held sale\'s refund is not told before it; when the sale is sent, both go, in their order', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  const [sale = 0, refund = 0] = await shop.rows.add(
    { customerKey, transactionId: 'cs_1' }, { kind: 'refund', customerKey, saleTransactionId: 'cs_1' })
  t.equal((await shop.operator('POST', `/api/tracking/events/${sale}/hold`)).status, 200)
  await shop.work()
  t.match(await shop.rows.row(refund), { state: 'needs_attention', reason: 'sale_needs_attention' })
  t.equal((await shop.operator('POST', `/api/tracking/events/${refund}/retry`)).status, 202)
  await shop.work()
  t.match(await shop.rows.row(refund), { state: 'needs_attention', reason: 'sale_needs_attention' }, 'nor when a person sends the refund alone')
  t.same(shop.affitor.calls('refund'), [])

  t.equal((await shop.operator('POST', `/api/tracking/events/${sale}/retry`)).status, 202)
  await shop.work()
  t.match([await shop.rows.row(sale), await shop.rows.row(refund)], [{ state: 'delivered', reason: null }, { state: 'delivered', reason: null }])
  t.same(shop.affitor.calls().slice(-2).map(call => [call.endpoint, call.status]), [['sale', 200], ['refund', 200]])
})

t.test('a refund that a worker has in hand while its sale is sent again goes after the sale', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  const [sale = 0, refund = 0] = await shop.rows.add(
    { customerKey, transactionId: 'cs_1' }, { kind: 'refund', customerKey, saleTransactionId: 'cs_1' })
  await shop.operator('POST', `/api/tracking/events/${sale}/hold`)
  t.match(await shop.rows.claim('a worker'), [{ id: refund, saleHeld: true }])
  t.equal((await shop.operator('POST', `/api/tracking/events/${sale}/retry`)).status, 202)
  t.notOk(await shop.rows.settle('a worker', refund, { state: 'needs_attention', reason: 'sale_needs_attention' }), 'its lease is lost')
  await shop.work()
  t.match([await shop.rows.row(sale), await shop.rows.row(refund)], [{ state: 'delivered' }, { state: 'delivered' }])
})

t.test('what is being sent, or does not wait, cannot be taken out of line', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  shop.affitor.behave({ latencyMs: 600, endpoints: ['sale'] })
  const [id = 0] = await shop.rows.add({ customerKey })
  const hold = () => shop.operator('POST', `/api/tracking/events/${id}/hold`)
  const working = shop.app.affitor.workers.runUntilIdle()
  await eventually('it is being sent', async () => (await shop.rows.row(id)).leased_by !== null)
  matchError(t, await hold(), 'NOT_HOLDABLE', /is being sent right now/)
  await working
  t.match(await shop.rows.row(id), { state: 'delivered', attempts: 1 })
  matchError(t, await hold(), 'NOT_HOLDABLE', /is delivered; only pending events/)
  t.match(await shop.rows.row(id), { state: 'delivered', reason: null })
  matchError(t, await shop.operator('POST', '/api/tracking/events/999999/hold'), 'NOT_FOUND', 'There is no tracking event 999999.')
  t.equal((await shop.request('POST', `/api/tracking/events/${id}/hold`)).status, 401)
})

t.test('one whose worker died is taken out of line once its lease has run out', async t => {
  const shop = await openShop(t)
  const [id = 0] = await shop.rows.add({})
  await shop.rows.claim('a worker')
  t.equal((await shop.operator('POST', `/api/tracking/events/${id}/hold`)).status, 409)
  await shop.rows.query("update tracking_events set leased_until = now() - interval '1 second'")
  t.equal((await shop.operator('POST', `/api/tracking/events/${id}/hold`)).status, 200)
  t.match(await shop.rows.row(id), { state: 'needs_attention', reason: 'held_by_operator', leased_by: null, attempts: 1 })
  t.notOk(await shop.rows.settle('a worker', id, { state: 'delivered', reason: null }), 'the worker no longer settles it')
})

t.test('while delivery is paused a held event is not the probe', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  const [first = 0, second = 0] = await shop.rows.add({ customerKey }, { customerKey })
  await shop.rows.query("insert into delivery_pauses (reason, until) values ('Affitor answered 401', now())")
  t.equal((await shop.operator('POST', `/api/tracking/events/${first}/hold`)).status, 200)
  await shop.app.affitor.workers.runUntilIdle()
  t.match([await shop.rows.row(first), await shop.rows.row(second)], [{ state: 'needs_attention', attempts: 0 }, { state: 'delivered' }])
})
