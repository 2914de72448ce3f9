import t from 'tap'
import { paidSession, refundOf, sendEvent, stripeEvent } from '../fixtures/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

t.test('tables of the same names in public, with other columns, are never touched', async t => {
  const { connectionString } = await createTestDatabase(t)
  const ours = await query<{ name: string }>(connectionString, "select distinct tablename as name from pg_tables where schemaname in ('affitor', 'affitor_service')")
  for (const { name } of ours) await query(connectionString, `create table public.${name} (theirs int); insert into public.${name} values (7)`)
  // Theirs would be called instead of ours by whoever left the schema out.
  await query(connectionString, "create function public.track_lead(text, text, text, text) returns int language sql as 'select 1 / 0'")

  const service = await startBookkeeper(t, { connectionString })
  const buyer = await service.buyer()
  await service.checkOut(buyer.accessToken)
  const session = paidSession(buyer)
  const link = paidSession(null, { client_reference_id: 'late' })
  await service.receive(
    stripeEvent('refund.created', refundOf(session.payment_intent as string, 4900)), stripeEvent('checkout.session.completed', session),
    stripeEvent('checkout.session.completed', link))
  await query(connectionString, "select affitor.track_lead('late')")
  await service.work()
  await service.letParkedAge(1)
  for (const path of ['events', 'summary', `customers/${buyer.userId}`, 'stripe-events', 'funnel', 'deliveries', 'program']) {
    t.equal((await service.operator('GET', `/api/tracking/${path}`)).status, 200, path)
  }
  await sendEvent(service, stripeEvent('checkout.session.completed', session))
  await service.work()
  t.match((await service.facts(buyer)).map(({ kind, state }) => [kind, state]), [['sale', 'delivered'], ['refund', 'delivered']])
  t.match(await service.ledger(), [{ kind: 'lead' }, { kind: 'sale' }, { kind: 'refund' }, { kind: 'lead', customerKey: 'late' }, { kind: 'sale', customerKey: 'late' }])
  for (const { name } of ours) t.same(await query(connectionString, `select * from public.${name}`), [{ theirs: 7 }], name)
})
