import t from 'tap'
import type { Test } from 'tap'
import { runScript } from '../helpers/command.js'
import { startAffitor } from '../helpers/affitor.js'
import { withClient } from '../helpers/postgres-server.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'

const PROGRAM = '77'

/** A service of program 42 whose database says so, with a lead; and how commands are run with another program's settings. */
async function stage (t: Test) {
  const service = await startService(t)
  const first = await runScript(service, 'change-program', [])
  t.match(first.stdout, /The database is for program 42 already\./, first.stderr)
  const { userId } = await service.signUp()
  const elsewhere = await startAffitor(t, { programId: PROGRAM, apiKey: 'key-of-77' })
  const other: Service = { ...service, affitor: elsewhere }
  return { service, other, userId }
}

const programIn = async (service: Service) => await withClient(service.connectionString, async client =>
  (await client.query('select affitor_program_id as program from installation')).rows)

t.test('a database goes to another program once nothing runs and nothing waits', async t => {
  const { service, other } = await stage(t)
  t.match(await runScript(other, 'reinterpret', ['evt_1']), { code: 1, stderr: /is for Affitor program 42 .* by `npm run change-program`/ }, 'not by chance')
  t.match(await runScript(other, 'change-program', []), { code: 1, stderr: /The service is connected to the database \w+ at \S+\. Stop all of its processes/ })

  await service.app.close()
  t.match(await runScript(other, 'change-program', []), {
    code: 1, stderr: /wait for program 42: facts 1, Stripe events 0\. Start the service with AFFITOR_PROGRAM_ID=42/
  })
  t.same(await programIn(service), [{ program: '42' }])

  const { connectionString, affitor, stripe } = service
  const again = await startService(t, { connectionString, affitor, stripe })
  await again.work()
  t.equal(affitor.calls('lead').length, 1, 'told to the program that it was meant for')
  await again.app.close()
  const changed = await runScript(other, 'change-program', [])
  t.match(changed, { code: 0, stdout: /was for program 42 and is for program 77 now\./ }, changed.stderr)
  t.notMatch(changed.stdout, /need attention/)
  t.same(await programIn(service), [{ program: PROGRAM }])
  t.match(await runScript(service, 'reinterpret', ['evt_1']), { code: 1, stderr: /is for Affitor program 77/ })
  t.match(await runScript(other, 'reinterpret', ['evt_1']), { code: 0 })
  t.equal(other.affitor.calls().length, 0, 'nothing of the former program is told to the new one')
})

t.test('facts that a person may still retry are named, and an event of Stripe that waits is waited for', async t => {
  const { service, other } = await stage(t)
  await service.app.close()
  await withClient(service.connectionString, async client => {
    await client.query("update tracking_events set state = 'needs_attention'")
    await client.query("insert into stripe_events (id, type, livemode, created, payload, state) values ('evt_1', 'refund.created', false, now(), '{}', 'parked')")
  })
  t.match(await runScript(other, 'change-program', []), { code: 1, stderr: /facts 0, Stripe events 1/ })
  await withClient(service.connectionString, client => client.query('delete from stripe_events'))
  t.match(await runScript(other, 'change-program', []), { code: 0, stdout: /Facts that need attention: 1\. To retry one would tell it to the new program\./ })
})

t.test('a change of more than the program is refused as ever', async t => {
  const { service } = await stage(t)
  await service.app.close()
  const live: Service = { ...service, affitor: { ...service.affitor, programId: PROGRAM }, stripe: { ...service.stripe, secretKey: 'sk_live_x' } }
  t.match(await runScript(live, 'change-program', []), { code: 1, stderr: /test payments in it would be told to Affitor as real ones/ })
  t.same(await programIn(service), [{ program: '42' }])
})
