import t from 'tap'
import type { Behaviour } from '../../sandbox/affitor/index.js'
import { openShop } from '../helpers/shop.js'
import type { Shop } from '../helpers/shop.js'

/** Refused without end; what is retried is not due again before the test says so. */
const keyRefused: Behaviour = { failStatus: 401, retryAfterSeconds: 3_600 }
const reachProbe = 'update delivery_pauses set until = now()'

/** A signup with a click id that is not the visitor's own, and what Affitor says to it from now on. */
async function stranger (shop: Shop, behaviour: Behaviour): Promise<string> {
  const { userId } = await shop.signUp({ affitorClickId: 'cust_1_1714000000000' })
  shop.affitor.behave({ ...behaviour, only: [userId] })
  return userId
}

const leadOf = async (shop: Shop, customerKey: string) => (await shop.rows.rows()).find(row => row.kind === 'lead' && row.customer_key === customerKey)
const isPaused = async (shop: Shop) => (await shop.operator<{ delivery: { state: string } }>('GET', '/api/tracking/summary')).body.delivery.state === 'paused'

const refusals: Array<[what: string, behaviour: Behaviour]> = [
  ['400 in Affitor\'s words', {}],
  ['400 of a proxy', { page: 'before', failStatus: 400, retryAfterSeconds: 60 }],
  ['403', { failStatus: 403, retryAfterSeconds: 60 }],
  ['403 of a firewall', { page: 'before', failStatus: 403, retryAfterSeconds: 60 }]
]

for (const [what, behaviour] of refusals) {
  t.test(`a stranger's click id cannot stop delivery: ${what}`, async t => {
    const shop = await openShop(t)
    const customers = await Promise.all([shop.customer(), shop.customer()])
    const userId = await stranger(shop, behaviour)
    await shop.rows.add(...customers.map(customerKey => ({ customerKey })))
    await shop.work()
    t.match((await shop.rows.rows()).filter(row => row.kind === 'sale'), [{ state: 'delivered' }, { state: 'delivered' }])
    t.match(await leadOf(shop, userId), { state: 'pending', attempts: 1, leased_by: null })
    t.notOk(await isPaused(shop))

    await shop.rows.query("update tracking_events set give_up_at = now() - interval '1 second' where state = 'pending'")
    for (let attempt = 0; attempt < 8; attempt++) {
      await shop.hurry()
      await shop.work()
    }
    const end = behaviour.failStatus === undefined ? { state: 'needs_attention' } : { state: 'needs_attention', reason: 'retries_exhausted', last_status: behaviour.failStatus }
    t.match(await leadOf(shop, userId), end)
  })
}

t.test('a stranger\'s click id cannot stop delivery: 401 to one event pauses it once, until another one passes', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_CONCURRENCY: '1' } })
  const customers = await Promise.all([shop.customer(), shop.customer()])
  const userId = await stranger(shop, keyRefused)
  await shop.app.affitor.workers.runUntilIdle()
  t.match(await leadOf(shop, userId), { state: 'pending', attempts: 0, give_up_at: null, last_status: 401 })
  t.ok(await isPaused(shop), 'it may be the key')

  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.equal(shop.affitor.calls('lead').filter(({ status }) => status === 401).length, 2, 'there is no other to ask about')
  t.match(await leadOf(shop, userId), { state: 'pending', attempts: 0, give_up_at: null }, 'it may still be the key')

  await shop.rows.add(...customers.map(customerKey => ({ customerKey })))
  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.match((await shop.rows.rows()).filter(row => row.kind === 'sale'), [{ state: 'delivered' }, { state: 'delivered' }], 'the probe was another customer\'s')
  t.notOk(await isPaused(shop))
  t.match(await leadOf(shop, userId), { state: 'pending', attempts: 1, give_up_at: Date, last_status: 401 }, 'now it is known that the event is refused')
  t.equal(shop.affitor.calls('lead').filter(({ status }) => status === 401).length, 3)

  await shop.hurry()
  await shop.work()
  t.notOk(await isPaused(shop), 'nor is delivery paused at its next attempts')
  await shop.rows.query("update tracking_events set give_up_at = now() - interval '1 second' where state = 'pending'")
  await shop.hurry()
  await shop.work()
  t.match(await leadOf(shop, userId), { state: 'needs_attention', reason: 'retries_exhausted', attempts: 3, last_status: 401 })
})

t.test('several events that are always refused do not keep the probe among themselves', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_CONCURRENCY: '1' } })
  const customerKey = await shop.customer()
  const strangers = [await shop.signUp(), await shop.signUp(), await shop.signUp()].map(({ userId }) => userId)
  shop.affitor.behave({ ...keyRefused, only: strangers })
  await shop.rows.add({ customerKey })
  await shop.rows.query("insert into delivery_pauses (reason, until) values ('Affitor answered 401', now())")
  for (let probe = 0; probe < 3; probe++) {
    await shop.app.affitor.workers.runUntilIdle()
    await shop.rows.query(reachProbe)
  }
  t.same(shop.affitor.calls('lead').slice(1).map(({ body }) => (body as { customer_key: string }).customer_key), strangers, 'each once')
  await shop.app.affitor.workers.runUntilIdle()
  t.match((await shop.rows.rows()).filter(row => row.kind === 'sale'), [{ state: 'delivered' }])
  t.notOk(await isPaused(shop))
  for (const each of strangers) t.match(await leadOf(shop, each), { state: 'pending', attempts: 1, last_status: 401 })
})

t.test('the key is withdrawn while one event was refused alone: the others still pause delivery', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_CONCURRENCY: '1' } })
  const [first = '', second = ''] = [await shop.customer(), await shop.customer()]
  const userId = await stranger(shop, keyRefused)
  await shop.app.affitor.workers.runUntilIdle()
  await shop.rows.add({ customerKey: first })
  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.match(await leadOf(shop, userId), { attempts: 1 })

  shop.affitor.behave(keyRefused)
  const [id = 0] = await shop.rows.add({ customerKey: second })
  await shop.app.affitor.workers.runUntilIdle()
  t.ok(await isPaused(shop))
  t.match(await shop.rows.row(id), { state: 'pending', attempts: 0, give_up_at: null })
  await shop.hurry()
  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.ok(await isPaused(shop), 'whichever is the probe')
  shop.affitor.behave({ ...keyRefused, only: [userId] })
  await shop.rows.query(reachProbe)
  await shop.app.affitor.workers.runUntilIdle()
  t.match(await shop.rows.row(id), { state: 'delivered', attempts: 1 })
})
