import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import t from 'tap'
import type { Test } from 'tap'
import { countAttention, findTroubles, takeOver } from '../../src/ledger/alerts.js'
import { pauseDelivery, resumeDelivery } from '../../src/ledger/pauses.js'
import type { AlertMessage } from '../../schemas/alert.js'
import { alertNowAndThen } from '../../src/workers/alerts.js'
import type { AlertOptions } from '../../src/workers/alerts.js'
import { startAffitor } from '../helpers/affitor.js'
import { injectClock } from '../helpers/clock.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'
import { makeWorkers } from '../helpers/workers.js'

const EVERY_MS = 10
const HOUR = 3_600
const SECRET = 'T000-B000-the-secret'
const OPERATOR = 'https://shop.example/operator'

interface Receiver { url: string, messages: AlertMessage[], arrivals: EventEmitter, answers: Array<number | 'nothing' | 'reset'> }

/** Takes messages; its next answers can be a status, nothing at all, or a broken connection. */
async function startReceiver (t: Test, headers: Record<string, string> = {}): Promise<Receiver> {
  const receiver: Receiver = { url: '', messages: [], arrivals: new EventEmitter(), answers: [] }
  receiver.url = `${await listen(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const answer = receiver.answers.shift() ?? 200
      receiver.arrivals.emit('request')
      if (answer === 'reset') request.socket.destroy()
      if (typeof answer === 'string') return
      if (answer === 200) receiver.messages.push(JSON.parse(Buffer.concat(chunks).toString()) as AlertMessage)
      response.writeHead(answer, headers).end()
    })
  })}/services/${SECRET}`
  return receiver
}

async function listen (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A ledger whose time the test sets. */
async function openTimedLedger (t: Test) {
  const clock = await injectClock((await createTestDatabase(t)).connectionString)
  const ledger = await openLedger(t, clock.connectionString)
  return { ledger, pass: (seconds: number) => clock.advance(ledger, seconds) }
}

function start (t: Test, ledger: TestLedger, receiver: Receiver, options: Partial<AlertOptions> = {}) {
  const alerting = alertNowAndThen({
    db: ledger.db, webhookUrl: receiver.url, operatorUrl: OPERATOR, log: pino({ level: 'silent' }), everyMs: EVERY_MS, ...options
  })
  alerting.start()
  t.teardown(() => alerting.stop())
  return alerting
}

const told = async (receiver: Receiver, count: number) => {
  await eventually(`${count} messages`, async () => receiver.messages.length >= count)
  await someLooks()
  return receiver.messages.map(({ cause, state }) => `${cause} ${state}`)
}
const someLooks = () => delay(15 * EVERY_MS)

async function needAttention (ledger: TestLedger, ...reasons: string[]): Promise<number[]> {
  // At once: while they were pending, they would be as old as the test's time is ahead.
  const rows = await ledger.query(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source, state, reason, settled_at, next_attempt_at)
    select 'sale', gen_random_uuid(), gen_random_uuid(), '{}', 'api', 'needs_attention', reason, now(), null from unnest($1::text[]) reason returning id`, [reasons])
  return rows.map(({ id }) => Number(id))
}

t.test('what needs attention is told with the number of each reason, and that it is over', async t => {
  const { ledger } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  await needAttention(ledger, 'transaction_id_used_up', 'malformed', 'transaction_id_used_up')
  await ledger.query(`
    insert into stripe_events (id, type, livemode, created, payload, state, reason)
    values ('evt_1', 'invoice.paid', false, now(), '{"email":"ada@example.com"}', 'failed', 'interpretation_failed')`)
  start(t, ledger, receiver)
  t.same(await told(receiver, 1), ['attention raised'])
  t.match(receiver.messages[0], {
    text: `3 facts need attention: 2 transaction_id_used_up, 1 malformed. 1 Stripe event could not be read: 1 interpretation_failed. ${OPERATOR}`,
    count: 4,
    operatorUrl: OPERATOR,
    since: /^\d{4}-.+Z$/
  })
  t.notMatch(JSON.stringify(receiver.messages), /ada@|customer_/)
  await ledger.query("update tracking_events set state = 'delivered'")
  await someLooks()
  t.equal(receiver.messages.length, 1, 'the Stripe event still does')
  await ledger.query("update stripe_events set state = 'ignored'")
  t.same(await told(receiver, 2), ['attention raised', 'attention over'])
  t.equal(receiver.messages[1]?.since, receiver.messages[0]?.since)
})

t.test('a pause of delivery is told, and its end', async t => {
  const { ledger } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  start(t, ledger, receiver)
  await pauseDelivery(ledger.db, 'Affitor said: no key of ada@example.com', false)
  t.same(await told(receiver, 1), ['delivery_paused raised'])
  t.match(receiver.messages[0]?.text, /^Delivery to Affitor is paused: Affitor refuses the API key\./)
  t.notMatch(JSON.stringify(receiver.messages), /ada@/, 'not in Affitor\'s words')
  await resumeDelivery(ledger.db)
  t.same(await told(receiver, 2), ['delivery_paused raised', 'delivery_paused over'])
})

t.test('a fact that has waited for an hour is told, and when none does any more', async t => {
  const { ledger, pass } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  start(t, ledger, receiver)
  const [id = 0] = await ledger.add({})
  await ledger.query('update tracking_events set created_at = now() where id = $1', [id])
  await pass(HOUR - 60)
  await someLooks()
  t.same(receiver.messages, [])
  await pass(120)
  t.same(await told(receiver, 1), ['delivery_late raised'])
  t.match(receiver.messages[0], { text: /^The oldest fact has waited for 61 minutes for Affitor\./, oldestSeconds: Number })
  await ledger.query("update tracking_events set state = 'delivered' where id = $1", [id])
  t.same(await told(receiver, 2), ['delivery_late raised', 'delivery_late over'])
})

t.test('a cause is told once an hour while it lasts, also when it comes and goes', async t => {
  const { ledger, pass } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  const [id = 0] = await needAttention(ledger, 'malformed')
  start(t, ledger, receiver)
  t.same(await told(receiver, 1), ['attention raised'])
  await pass(HOUR - 60)
  await someLooks()
  t.equal(receiver.messages.length, 1)
  await pass(120)
  t.same(await told(receiver, 2), ['attention raised', 'attention raised'])
  await ledger.query("update tracking_events set state = 'delivered' where id = $1", [id])
  await told(receiver, 3)
  await needAttention(ledger, 'malformed')
  await someLooks()
  t.equal(receiver.messages.length, 3, 'raised anew within the hour')
  await pass(HOUR)
  t.same(await told(receiver, 4), ['attention raised', 'attention raised', 'attention over', 'attention raised'])
})

t.test('of several processes one tells, and one that is started again tells nothing twice', async t => {
  const { ledger } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  await needAttention(ledger, 'malformed')
  const processes = Array.from({ length: 4 }, () => start(t, ledger, receiver))
  t.same(await told(receiver, 1), ['attention raised'])
  await Promise.all(processes.map(process => process.stop()))
  start(t, ledger, receiver)
  await someLooks()
  t.equal(receiver.messages.length, 1)
  await ledger.query("update tracking_events set state = 'delivered'")
  t.same(await told(receiver, 2), ['attention raised', 'attention over'], 'the new process knows that it was told')
})

t.test('what one process found to be over is not told when another has told since that it lasts', async t => {
  const { ledger } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  const { at } = await findTroubles(ledger.db)
  await needAttention(ledger, 'malformed')
  start(t, ledger, receiver)
  await told(receiver, 1)
  t.equal(await takeOver(ledger.db, 'attention', at), undefined)
})

for (const [what, answer] of [['answers 500', 500], ['closes the connection', 'reset'], ['does not answer in time', 'nothing'], ['sends to elsewhere', 302]] as const) {
  t.test(`a receiver that ${what} is tried again until it takes the message`, async t => {
    const { ledger } = await openTimedLedger(t)
    let elsewhere = 0
    const location = await listen(t, (_request, response) => {
      elsewhere++
      response.end()
    })
    const receiver = await startReceiver(t, { location })
    receiver.answers.push(answer, answer, answer)
    await needAttention(ledger, 'malformed')
    const lines: string[] = []
    start(t, ledger, receiver, { timeoutMs: 50, log: pino({ level: 'trace' }, { write: (line: string) => { lines.push(line) } }) })
    t.same(await told(receiver, 1), ['attention raised'])
    t.same(receiver.answers, [])
    t.equal(elsewhere, 0)
    t.ok(lines.length >= 3, 'each failure is logged')
    t.notMatch(lines.join(''), new RegExp(`${SECRET}|${receiver.url}`), 'without the address')
  })
}

t.test('where nobody listens, it is tried at fewer and fewer looks', async t => {
  const { ledger } = await openTimedLedger(t)
  await needAttention(ledger, 'malformed')
  const lines: string[] = []
  const nobody = { url: 'http://127.0.0.1:9/services/x' } as Receiver
  start(t, ledger, nobody, { log: pino({ level: 'trace' }, { write: (line: string) => { lines.push(line) } }) })
  const failures = async () => (await ledger.query('select failures from alerts'))[0]?.failures as number
  await eventually('it fails', async () => lines.length > 0)
  t.match(lines[0], /did not take a message/)
  t.notMatch(lines[0], /services/)
  await ledger.query('update alerts set failures = 20, next_at = now()')
  await eventually('it fails again', async () => await failures() === 21)
  const [row] = await ledger.query('select extract(epoch from next_at - now())::float8 as wait from alerts')
  t.ok((row?.wait as number) <= 15 * EVERY_MS / 1000, 'at most 15 looks')
})

t.test('a process that ends while the receiver keeps it waiting does not wait, and another tells', async t => {
  const { ledger } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  receiver.answers.push('nothing')
  await needAttention(ledger, 'malformed')
  const first = start(t, ledger, receiver)
  await once(receiver.arrivals, 'request')
  const started = performance.now()
  await first.stop()
  t.ok(performance.now() - started < 2_000)
  start(t, ledger, receiver)
  t.same(await told(receiver, 1), ['attention raised'])
})

t.test('an alert that was taken by a process that was killed is told by another within a minute', async t => {
  const { ledger, pass } = await openTimedLedger(t)
  const receiver = await startReceiver(t)
  await needAttention(ledger, 'malformed')
  await ledger.query("insert into alerts (cause, next_at) values ('attention', now() + interval '30 seconds')")
  start(t, ledger, receiver)
  await someLooks()
  t.same(receiver.messages, [])
  await pass(31)
  t.same(await told(receiver, 1), ['attention raised'])
})

t.test('a receiver that does not answer holds up no delivery', async t => {
  const ledger = await openLedger(t)
  const receiver = await startReceiver(t)
  receiver.answers.push('nothing')
  const affitor = await startAffitor(t)
  const workers = makeWorkers(t, ledger, { affitor, pollMs: 20 })
  await needAttention(ledger, 'malformed')
  start(t, ledger, receiver)
  await once(receiver.arrivals, 'request')
  workers.start()
  const [id = 0] = await ledger.add({ kind: 'lead', transactionId: 'ada', customerKey: 'ada' })
  await eventually('it is settled', async () => (await ledger.row(id)).state !== 'pending')
})

t.test('a look reads what needs attention and the oldest that waits, and not the ledger', async t => {
  const ledger = await openLedger(t)
  await ledger.query(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source, state, reason, settled_at)
    select 'sale', 'tx_' || n, 'customer_' || n, '{"v":0}', 'test', case when n % 1000 = 0 then 'needs_attention' when n % 1000 = 1 then 'pending' else 'delivered' end, 'malformed', now()
    from generate_series(1, 20000) n`)
  await ledger.query('analyze tracking_events')
  const [attention] = await countAttention(ledger.db)
  t.match(attention, { kind: 'fact', reason: 'malformed', count: 20 })
  const plan = async (statement: string) => (await ledger.query(`explain ${statement}`)).map(row => row['QUERY PLAN']).join('\n')
  t.match(await plan("select reason, count(*), min(attention_since) from affitor.tracking_events where state = 'needs_attention' and resolved_at is null group by reason"), /Index (Only )?Scan using tracking_events_(attention|state_id)/)
  t.match(await plan("select reason, count(*), min(attention_since) from affitor.stripe_events where state = 'failed' and resolved_at is null group by reason"), /stripe_events_(attention|state_seq)/)
  t.match(await plan("select created_at from affitor.tracking_events where state = 'pending' order by id limit 1"), /Limit[\s\S]+Index Scan using tracking_events_state_id/)
})
