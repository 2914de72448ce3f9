import t from 'tap'
import type { CustomerStory } from '../../schemas/customer-story.js'
import { prune } from '../../src/ledger/retention.js'
import { startService } from '../helpers/service.js'
import { openLedger } from '../helpers/ledger.js'

/** A service with a paid and told sale, all of it `age` old. */
async function startOld (t: Parameters<typeof startService>[0], age: string) {
  const service = await startService(t)
  const ledger = await openLedger(t, service.connectionString)
  const { accessToken, userId } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const session = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  await service.work()
  await ledger.query("delete from stripe_events where type <> 'checkout.session.completed'")
  await ledger.query(`update stripe_events set received_at = now() - interval '${age}'`)
  await ledger.query(`update delivery_attempts set finished_at = now() - interval '${age}'`)
  await ledger.query(`update checkout_sessions set created_at = now() - interval '${age}'`)
  return { service, ledger, session, userId }
}

t.test('what is done with and old is deleted, a batch at a time; facts stay', async t => {
  const { ledger } = await startOld(t, '366 days')
  t.same(await prune(ledger.db, 365, 1), { stripe_events: 1, delivery_attempts: 1, checkout_sessions: 1 })
  t.same(await prune(ledger.db, 365, 100), { stripe_events: 0, delivery_attempts: 1, checkout_sessions: 0 })
  t.same((await ledger.rows()).map(({ kind, state }) => `${kind} ${state}`), ['lead delivered', 'sale delivered'])
})

t.test('what is younger stays', async t => {
  const { ledger } = await startOld(t, '364 days')
  t.same(await prune(ledger.db, 365, 100), { stripe_events: 0, delivery_attempts: 0, checkout_sessions: 0 })
})

t.test('what waits for something or someone stays, however old', async t => {
  const { ledger } = await startOld(t, '999 days')
  await ledger.query("update stripe_events set state = 'parked'")
  await ledger.query("update tracking_events set state = 'needs_attention'")
  t.match(await prune(ledger.db, 365, 100), { stripe_events: 0, delivery_attempts: 0 })
  await ledger.query("update stripe_events set state = 'failed'")
  t.match(await prune(ledger.db, 365, 100), { stripe_events: 0 })
})

t.test('after that nothing is counted twice, refunds find their sale, and the story goes on', async t => {
  const { service, ledger, session, userId } = await startOld(t, '366 days')
  const { events: [event] } = await service.stripe.control('GET', '/state') as unknown as { events: Array<{ id: string }> }
  await prune(ledger.db, 365, 100)
  await service.stripe.control('POST', `/events/${event?.id}/resend`, {})
  await service.work()
  t.equal((await ledger.rows()).filter(({ kind }) => kind === 'sale').length, 1)
  await service.stripe.control('POST', '/refunds', { checkout_session: session })
  await service.work()
  t.match((await ledger.rows()).at(-1), { kind: 'refund', state: 'delivered' })
  const { status, body } = await service.operator<CustomerStory>('GET', `/api/tracking/customers/${userId}`)
  t.equal(status, 200)
  t.ok(body.entries.some(entry => entry.kind === 'fact' && entry.trackingEvent.kind === 'sale'))
})
