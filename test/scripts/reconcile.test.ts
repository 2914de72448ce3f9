import t from 'tap'
import { runScript } from '../helpers/command.js'
import { startService } from '../helpers/service.js'

const since = new Date(Date.now() - 86_400_000).toISOString()

t.test('reconcile brings in what the webhook never received, and nothing the second time', async t => {
  const service = await startService(t)
  const { accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const sessionId = await service.checkOut(accessToken)
  await service.stripe.control('POST', '/behaviour', { holdWebhooks: true })
  await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  t.same((await service.ledger()).map(event => event.kind), ['lead'], 'the webhook received nothing')

  const first = await runScript(service, 'reconcile', ['--since', since])
  t.equal(first.code, 0, first.stderr)
  t.match(first.stdout, /new: evt_\w+ checkout\.session\.completed/)
  t.match(first.stdout, /2 had not been received and are stored now/)
  await service.work()
  t.match((await service.ledger()).map(({ kind, state }) => ({ kind, state })), [
    { kind: 'lead', state: 'delivered' }, { kind: 'sale', state: 'delivered' }
  ])

  const second = await runScript(service, 'reconcile', ['--since', '12h'])
  t.match(second.stdout, /2 events since .*; 0 had not been received\./)
  await service.work()
  t.equal(service.affitor.calls('sale').length, 1)
})

t.test('reconcile walks page after page', async t => {
  const service = await startService(t)
  await service.stripe.control('POST', '/behaviour', { holdWebhooks: true })
  const { subscription } = await service.stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly' })
  // Each payment makes four events of needed types, and a page holds 100.
  for (let month = 0; month < 26; month++) await service.stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  const { code, stdout, stderr } = await runScript(service, 'reconcile', ['--since', since])
  t.equal(code, 0, stderr)
  t.match(stdout, /100 events, back to/)
  t.match(stdout, /108 events since .*; 108 had not been received/)
})

t.test('reconcile says what it needs', async t => {
  const service = await startService(t)
  const without = await runScript(service, 'reconcile', [])
  t.equal(without.code, 1)
  t.match(without.stderr, /--since is missing\.\s+Usage: npm run reconcile -- --since 7d/)
  const unknown = await runScript(service, 'reconcile', ['--from', '7d'])
  t.equal(unknown.code, 1)
  t.match(unknown.stderr, /Unknown option '--from'[^]+Usage: npm run reconcile/)
  const help = await runScript(service, 'reconcile', ['--help'])
  t.equal(help.code, 0)
  t.match(help.stdout, /^Usage: npm run reconcile/)
  const tooOld = await runScript(service, 'reconcile', ['--since', '2020-01-01'])
  t.equal(tooOld.code, 1)
  t.match(tooOld.stderr, /Stripe keeps events for 30 days\. The earliest time to ask for is/)
  t.notMatch(tooOld.stderr, /at .*\.ts:\d+/, 'no stack')
})
