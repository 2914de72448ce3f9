import t from 'tap'
import { runScript } from '../helpers/command.js'
import { startService } from '../helpers/service.js'

t.test('reinterpret counts what an older setting left out, and doubles nothing', async t => {
  const before = await startService(t, { variables: { COUNT_UPGRADES: 'false' } })
  const { accessToken } = await before.signUp({ affitorClickId: await before.affitor.click() })
  const sessionId = await before.checkOut(accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription } = await before.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  const { invoice } = await before.stripe.control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_yearly' })
  await before.work()
  const upgradeId = invoice?.id ?? ''
  const isThere = async () => (await before.ledger()).some(event => event.transactionId === upgradeId)
  t.equal(await isThere(), false)

  const { connectionString, affitor, stripe } = before
  const after = await startService(t, { connectionString, affitor, stripe })
  const { code, stdout, stderr } = await runScript(after, 'reinterpret', ['--type', 'invoice.paid', '--state', 'ignored'])
  t.equal(code, 0, stderr)
  t.match(stdout, /1 events are interpreted again/)
  await after.work()
  t.equal(await isThere(), true)

  const facts = await after.ledger()
  await runScript(after, 'reinterpret', ['--state', 'interpreted'])
  await after.work()
  t.same(await after.ledger(), facts)
  t.equal(after.affitor.calls('sale').length, 2)
})

t.test('reinterpret takes event ids', async t => {
  const service = await startService(t)
  const { accessToken } = await service.signUp()
  const sessionId = await service.checkOut(accessToken)
  const { events } = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  const completed = events.find(event => event.type === 'checkout.session.completed')?.id ?? ''
  t.match((await runScript(service, 'reinterpret', [completed])).stdout, /1 events are interpreted again/)
  t.match((await runScript(service, 'reinterpret', ['evt_unknown'])).stdout, /No stored event matches/)
})

t.test('reinterpret wants a filter that exists', async t => {
  const service = await startService(t)
  for (const args of [[], ['--state', 'odd'], ['--state', 'received']]) {
    const { code, stderr } = await runScript(service, 'reinterpret', args)
    t.equal(code, 1)
    t.match(stderr, /Usage: npm run reinterpret/)
  }
})
