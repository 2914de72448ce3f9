import t from 'tap'
import { openShop } from '../helpers/shop.js'
import { openLedger } from '../helpers/ledger.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { makeWorkers } from '../helpers/workers.js'

const pause = { delivery: { state: 'paused', pausedUntil: String } }
const reachProbe = 'update delivery_pauses set until = now()'

t.test('a refused key pauses all delivery, costs no attempt, and delivery goes on when the key is taken again', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_CONCURRENCY: '1' } })
  const keys = [await shop.customer(), await shop.customer(), await shop.customer()]
  shop.affitor.behave({ refuseKey: true })
  await shop.rows.add(...keys.map(customerKey => ({ customerKey })))
  const salesOf = async () => (await shop.rows.rows()).filter(row => row.kind === 'sale')
  const untouched = { state: 'pending', attempts: 0, leased_by: null, give_up_at: null }

  await shop.app.affitor.workers.runUntilIdle()
  t.equal(shop.affitor.calls('sale').length, 1, 'nothing else is sent')
  t.match(await salesOf(), [untouched, untouched, untouched])
  t.match(await shop.operator('GET', '/api/tracking/summary'), {
    status: 200, body: { delivery: { ...pause.delivery, reason: 'Affitor answered 401: Invalid API token' } }
  })
  t.match(await shop.request('GET', '/health/ready'), { status: 200, body: { status: 'ok', ...pause } })

  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.equal(shop.affitor.calls('sale').length, 2, 'one probe')
  t.match(await salesOf(), [untouched, untouched, untouched])
  await shop.app.affitor.workers.runUntilIdle()
  t.equal(shop.affitor.calls('sale').length, 2, 'and a longer pause')
  t.match(await shop.operator('GET', '/api/tracking/summary'), { body: pause })

  shop.affitor.behave({})
  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.match(await salesOf(), keys.map(() => ({ state: 'delivered', attempts: 1, reason: null })))
  t.match(await shop.request('GET', '/health/ready'), { body: { delivery: { state: 'running', reason: null, pausedUntil: null } } })
})

t.test('calls that run side by side when the key is refused cost no attempt either', async t => {
  const shop = await openShop(t)
  const keys = await Promise.all(Array.from({ length: 6 }, () => shop.customer()))
  shop.affitor.behave({ refuseKey: true, latencyMs: 20 })
  await shop.rows.add(...keys.map(customerKey => ({ customerKey })))
  await shop.app.affitor.workers.runUntilIdle()
  t.match((await shop.rows.rows()).filter(row => row.kind === 'sale'), keys.map(() => ({ state: 'pending', attempts: 0, leased_by: null })))
  t.match(await shop.rows.query('select failures from delivery_pauses'), [{ failures: 1 }])
})

t.test('a probe that fails otherwise tells nothing of the key: the pause goes on', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  shop.affitor.behave({ refuseKey: true })
  await shop.rows.add({ customerKey })
  await shop.app.affitor.workers.runUntilIdle()
  for (const behaviour of [{ failStatus: 503 }, { failStatus: 429 }, { dropConnection: 'before' as const }]) {
    shop.affitor.behave({ ...behaviour, times: 1, endpoints: ['sale'] })
    await shop.hurry()
    await shop.rows.query(reachProbe)
    await shop.app.affitor.workers.runUntilIdle()
    t.match(await shop.operator('GET', '/api/tracking/summary'), { body: { delivery: { state: 'paused' } } }, JSON.stringify(behaviour))
  }
})

t.test('a probe that needs no call hands on to the next event', async t => {
  const ledger = await openLedger(t)
  const fake = await startFakeAffitor(t, { body: '{"success":true,"sale_id":1,"commission_id":1}' })
  await ledger.query("insert into delivery_pauses (reason, until) values ('no', now())")
  await ledger.add({ payload: { v: 2 } }, { transactionId: 'cs_1', customerKey: 'ada' }, {})
  await ledger.query("update tracking_events set state = 'unattributed' where transaction_id = 'cs_1'")
  await ledger.add({ kind: 'refund', saleTransactionId: 'cs_1', customerKey: 'ada' })
  await ledger.query('update tracking_events set next_attempt_at = now() - make_interval(secs => 100 - id)')
  await makeWorkers(t, ledger, { affitor: { url: fake.url, apiKey: 'key' } }).runUntilIdle()
  t.match(await ledger.rows(), [{ state: 'needs_attention' }, { state: 'unattributed' }, { state: 'delivered' }, { state: 'skipped' }])
  t.same(await ledger.query('select * from delivery_pauses'), [])
})
