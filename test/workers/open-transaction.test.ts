import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { paidSession, sendEvent, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { eventually } from '../helpers/eventually.js'
import { query } from '../helpers/sql.js'

async function openHost (t: Test) {
  const client = new pg.Client({ connectionString: service.connectionString })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('begin')
  return {
    trackLead: (customerKey: string) => client.query('select * from affitor.track_lead($1)', [customerKey]),
    commit: () => client.query('commit'),
    rollback: () => client.query('rollback')
  }
}

const service = await startBookkeeper(t)

/** A Payment Link's: nothing but the address names the customer. */
const linkSession = (customerKey: string) => stripeEvent('checkout.session.completed', paidSession(null, { client_reference_id: customerKey }))
const factsOf = async (customerKey: string) =>
  (await query<{ kind: string }>(service.connectionString, 'select kind from tracking_events where customer_key = $1 order by id', [customerKey])).map(({ kind }) => kind)
/** Works as though the half second of a busy customer had passed. */
async function workAgain (): Promise<void> {
  await query(service.connectionString, "update stripe_events set next_attempt_at = now() where state = 'received'")
  await service.work()
}

t.test('a lead that comes after its payment, by whatever entrance, has the payment read again', async t => {
  const host = await openHost(t)
  const event = linkSession('ada_0')
  t.match(await service.receive(event), [{ state: 'ignored', reason: 'no_customer' }])
  await host.trackLead('ada_0')
  await service.work()
  t.match(await service.stored(event.id), [{ state: 'ignored' }], 'not before it is committed')
  await host.commit()
  await service.work()
  t.match(await service.stored(event.id), [{ state: 'interpreted', customerKey: 'ada_0' }])
  t.same(await factsOf('ada_0'), ['lead', 'sale'])
  t.same(await query(service.connectionString, 'select from arrivals'), [])
})

for (const [how, eventOf] of [
  ['client_reference_id', linkSession],
  ['metadata', (userId: string) => stripeEvent('checkout.session.completed', paidSession({ userId }))]
] as const) {
  t.test(`a payment by ${how} waits for an open transaction with its lead, and others do not`, async t => {
    const customerKey = `ada_${how}`
    const host = await openHost(t)
    await host.trackLead(customerKey)
    const [event, other] = [eventOf(customerKey), stripeEvent('checkout.session.completed', paidSession({ userId: 'bob' }))]
    await sendEvent(service, event)
    await sendEvent(service, other)
    const before = performance.now()
    await service.work()
    t.ok(performance.now() - before < 5_000, 'nothing waits for the host')
    t.match(await service.stored(event.id, other.id), [{ state: 'received', attempts: 0 }, { state: 'interpreted' }])
    await workAgain()
    t.match(await service.stored(event.id), [{ state: 'received', attempts: 0 }], 'however often')
    await host.commit()
    await workAgain()
    t.same(await factsOf(customerKey), ['lead', 'sale'])
    t.match(await service.stored(event.id), [{ state: 'interpreted', attempts: 1 }])
  })
}

t.test('a transaction with the lead that is given up leaves the payment ignored, until a lead comes', async t => {
  const host = await openHost(t)
  await host.trackLead('ada_1')
  const event = linkSession('ada_1')
  t.match(await service.receive(event), [{ state: 'received' }])
  await host.rollback()
  await workAgain()
  t.match(await service.stored(event.id), [{ state: 'ignored', reason: 'no_customer' }])
  await query(service.connectionString, "select affitor.track_lead('ada_1')")
  await service.work()
  t.same(await factsOf('ada_1'), ['lead', 'sale'])
})

t.test('a host that tracks two customers, in the order opposite to their payments, is never given up', async t => {
  service.app.affitor.workers.start()
  for (let round = 0; round < 10; round++) {
    const [one, two] = [`one_${round}`, `two_${round}`]
    const host = await openHost(t)
    await host.trackLead(two)
    const customer = newId('cus_', 14)
    await Promise.all([one, two].map(customerKey =>
      sendEvent(service, stripeEvent('checkout.session.completed', paidSession({ userId: customerKey }, { customer })))))
    await host.trackLead(one)
    await host.commit()
    await eventually('both are paid', async () => [...await factsOf(one), ...await factsOf(two)].filter(kind => kind === 'sale').length === 2)
    t.same(await factsOf(two), ['lead', 'sale'])
  }
})
