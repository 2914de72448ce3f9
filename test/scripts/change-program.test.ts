import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/service/config.js'
import { changeProgram } from '../../src/service/database/change-program.js'
import { prepareDatabase } from '../../src/service/database/prepare.js'
import { startAffitor } from '../helpers/affitor.js'
import { runScript } from '../helpers/command.js'
import { eventually } from '../helpers/eventually.js'
import { withClient } from '../helpers/postgres-server.js'
import { ADMIN_TOKEN, SESSION_SECRET, startService } from '../helpers/service.js'

/** The configuration with which a database is opened. */
const configOf = (connectionString: string, programId: string, stripeKey = 'sk_test_x') => loadConfig({
  DATABASE_URL: connectionString, STRIPE_SECRET_KEY: stripeKey, STRIPE_WEBHOOK_SECRET: 'whsec_x', AFFITOR_API_KEY: 'key', AFFITOR_PROGRAM_ID: programId, SESSION_SECRET, ADMIN_TOKEN
})

async function start (connectionString: string, programId: string): Promise<void> {
  await prepareDatabase(configOf(connectionString, programId))
}

async function change (connectionString: string, programId: string, stripeKey?: string) {
  const config = configOf(connectionString, programId, stripeKey)
  const { checks, outcome } = changeProgram(config)
  await prepareDatabase(config, checks)
  return outcome()
}

const programIn = async (connectionString: string) => await withClient(connectionString, async client =>
  (await client.query('select affitor_program_id as program from installation')).rows)

/** A service of program 42 that was stopped while a lead waits. */
async function stage (t: Test) {
  const service = await startService(t)
  await start(service.connectionString, '42')
  await service.signUp()
  await service.app.close()
  return service
}

t.test('a database goes to another program once nothing runs and nothing waits', async t => {
  const { connectionString, affitor, stripe, ...rest } = await stage(t)
  await t.rejects(start(connectionString, '77'), { message: /is for Affitor program 42 .* by `npm run change-program`\.$/ }, 'not by chance')
  await t.rejects(change(connectionString, '77'), {
    message: /wait for program 42: facts 1, Stripe events 0\. Start the service with AFFITOR_PROGRAM_ID=42 and that program's key until nothing waits/
  })
  t.same(await programIn(connectionString), [{ program: '42' }])

  const again = await startService(t, { connectionString, affitor, stripe, variables: { WORKERS: 'true' } })
  await eventually('the lead is told to the program that it was meant for', async () => (await again.ledger()).every(({ state }) => state !== 'pending'))
  t.equal(affitor.calls('lead').length, 1)
  await t.rejects(change(connectionString, '77'), { message: /^The service is connected to the database \w+ at \S+\. Stop all of its processes, and run this again\.$/ })
  await again.app.close()

  const other = await startAffitor(t, { programId: '77', apiKey: 'key-of-77' })
  const { code, stdout, stderr } = await runScript({ ...rest, connectionString, affitor: other, stripe }, 'change-program', [])
  t.equal(code, 0, stderr)
  t.match(stdout, /was for program 42 and is for program 77 now\./)
  t.notMatch(stdout, /need attention/)
  t.same(await programIn(connectionString), [{ program: '77' }])
  await t.rejects(start(connectionString, '42'), { message: /is for Affitor program 77/ })
  await start(connectionString, '77')
  t.equal(await change(connectionString, '77'), undefined, 'again, and nothing is to do')
})

t.test('facts that a person may still retry are counted, and an event of Stripe that waits is waited for', async t => {
  const { connectionString } = await stage(t)
  await withClient(connectionString, async client => {
    await client.query("update tracking_events set state = 'needs_attention'")
    await client.query("insert into stripe_events (id, type, livemode, created, payload, state) values ('evt_1', 'refund.created', false, now(), '{}', 'parked')")
  })
  await t.rejects(change(connectionString, '77'), { message: /facts 0, Stripe events 1\./ })
  await withClient(connectionString, client => client.query('delete from stripe_events'))
  t.same(await change(connectionString, '77'), { from: '42', needingAttention: 1 })
})

t.test('a change of more than the program is refused as ever', async t => {
  const { connectionString } = await stage(t)
  await t.rejects(change(connectionString, '77', 'sk_live_x'), { message: /test payments in it would be told to Affitor as real ones/ })
  t.same(await programIn(connectionString), [{ program: '42' }])
})
