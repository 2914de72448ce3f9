import { setTimeout as delay } from 'node:timers/promises'
import pino from 'pino'
import t from 'tap'
import { WorkLoop } from '../../src/workers/loop.js'
import { eventually } from '../helpers/eventually.js'
import { startAffitor } from '../helpers/affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { startService } from '../helpers/service.js'
import { listeners, makeWorkers, NEVER_MS, startListening } from '../helpers/workers.js'

t.test('what another process commits is delivered at once, without a poll', async t => {
  const service = await startService(t)
  const ledger = await openLedger(t, service.connectionString)
  await startListening(makeWorkers(t, ledger, { affitor: service.affitor, pollMs: NEVER_MS }), ledger)

  const { accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  await eventually('the lead is delivered', async () => (await ledger.rows())[0]?.state === 'delivered')
  const sessionId = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await eventually('the sale is interpreted and delivered', async () => (await ledger.rows())[1]?.state === 'delivered')

  service.affitor.behave({ failStatus: 400, endpoints: ['sale'], times: 1 })
  await ledger.query("update tracking_events set state = 'rejected' where kind = 'sale'")
  await service.operator('POST', '/api/tracking/events/2/retry')
  await eventually('the retry is made', () => service.affitor.calls('sale').length === 2)
})

t.test('what nobody announced is found by the poll', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await startListening(makeWorkers(t, ledger, { affitor, pollMs: 50 }), ledger)
  await ledger.add({ kind: 'lead' })
  await eventually('it is delivered', async () => (await ledger.rows())[0]?.state === 'unattributed')
})

t.test('a listener whose connection broke connects again, and looks for what it missed', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await startListening(makeWorkers(t, ledger, { affitor, pollMs: NEVER_MS }), ledger)
  for (let round = 0; round < 2; round++) {
    const [pid] = await listeners(ledger)
    await ledger.query('select pg_terminate_backend($1)', [pid])
    const [id = 0] = await ledger.add({ kind: 'lead' })
    await eventually('what was missed is delivered', async () => (await ledger.row(id)).state === 'unattributed')
    t.not((await listeners(ledger))[0], pid)
    const [next = 0] = await ledger.add({ kind: 'lead' })
    await ledger.query("notify fastify_affitor, 'tracking_events'")
    await eventually('it hears again', async () => (await ledger.row(next)).state === 'unattributed')
  }
})

t.test('a loop goes on after errors of the database, and tells each outage once', async t => {
  const messages: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => { messages.push(JSON.parse(line).msg) } })
  let claims = 0
  const done: number[] = []
  const loop = new WorkLoop<number>({
    name: 'test',
    concurrency: 2,
    pollMs: 5,
    log,
    async claim (limit) {
      claims++
      if (claims <= 3) throw new Error('the database is away')
      return claims === 4 ? [1, 2].slice(0, limit) : claims === 5 ? [3] : []
    },
    async run (item) {
      if (item === 1) throw new Error('one item fails')
      done.push(item)
      return false
    }
  })
  loop.start()
  loop.start()
  await eventually('the others are done', () => done.length === 2)
  await loop.stop()
  t.same(messages, ['Looking for work failed; trying again until it works', 'An item was left to its lease', 'The database answers again'])
})

t.test('runUntilIdle ends however fast the items are', async t => {
  const items = [1, 2, 3, 4, 5]
  const loop = new WorkLoop<number>({
    name: 'test', concurrency: 2, pollMs: NEVER_MS, log: pino({ level: 'silent' }), claim: async limit => items.splice(0, limit), run: async () => false
  })
  t.equal(await loop.runUntilIdle(), 5)
})

t.test('a stopped loop takes nothing more, however often it is woken', async t => {
  let claims = 0
  const loop = new WorkLoop<number>({
    name: 'test', concurrency: 2, pollMs: 1, log: pino({ level: 'silent' }), claim: async () => { claims++; return [] }, run: async () => false
  })
  loop.start()
  await loop.stop()
  const before = claims
  loop.wake()
  loop.start()
  await delay(20)
  t.equal(claims, before)
})

t.test('it looks again when an item may have made others due, when it took all it asked for, or when it had no room to look', async t => {
  const looks: number[] = []
  const running: Array<(madeOthersDue: boolean) => void> = []
  const found = [2, 1, 1, 2, 0, 0]
  const loop = new WorkLoop<number>({
    name: 'test',
    concurrency: 3,
    batch: 2,
    pollMs: NEVER_MS,
    log: pino({ level: 'silent' }),
    async claim (limit) {
      looks.push(limit)
      return Array.from({ length: found.shift() ?? 0 }, (_, i) => i)
    },
    run: () => new Promise(resolve => { running.push(resolve) })
  })
  t.teardown(() => loop.stop())
  const end = async (madeOthersDue: boolean) => {
    running.shift()?.(madeOthersDue)
    await delay(40)
  }
  loop.start()
  await delay(40)
  t.same(looks, [3])
  await end(false)
  t.same(looks, [3], 'nothing says that more is due')
  await end(true)
  t.same(looks, [3, 3], 'others may be due')
  loop.wake()
  await delay(40)
  t.same(looks, [3, 3, 2], 'it was woken')
  loop.wake()
  await delay(40)
  t.same(looks, [3, 3, 2], 'there is no room')
  await end(false)
  t.same(looks, [3, 3, 2, 2], 'there is room again')
  await end(false)
  t.same(looks, [3, 3, 2, 2], 'one place is not enough')
  await end(false)
  t.same(looks, [3, 3, 2, 2, 2], 'all that was asked for was there')
  while (running.length > 0) await end(false)
})

t.test('working until nothing is due waits for what the loop itself is about to have in hand', async t => {
  const looks: Array<(items: string[]) => void> = []
  const done: string[] = []
  const loop = new WorkLoop<string>({
    name: 'test',
    concurrency: 4,
    pollMs: NEVER_MS,
    log: pino({ enabled: false }),
    claim: () => new Promise(resolve => { looks.push(resolve) }),
    async run (item) {
      done.push(item)
      return false
    }
  })
  loop.start()
  let isIdle = false
  const idle = loop.runUntilIdle().then(() => { isIdle = true })
  await eventually('both look', () => looks.length === 2)
  looks[1]?.([])
  await delay(20)
  t.notOk(isIdle, 'the loop has not heard yet what it has leased')
  looks[0]?.(['fact'])
  const answering = setInterval(() => { for (const answer of looks) answer([]) }, 5)
  t.teardown(() => { clearInterval(answering) })
  await idle
  t.same(done, ['fact'])
  await loop.stop()
})

t.test('several who work until nothing is due do not wait for each other for ever', async t => {
  const due = ['one', 'two', 'three']
  const loop = new WorkLoop<string>({
    name: 'test',
    concurrency: 4,
    pollMs: NEVER_MS,
    log: pino({ enabled: false }),
    async claim () {
      // Never do all looks end at once.
      await delay(1 + Math.random() * 10)
      return due.splice(0, 1)
    },
    run: async () => await delay(5, true)
  })
  const counts = await Promise.all(Array.from({ length: 6 }, () => loop.runUntilIdle()))
  t.equal(counts.reduce((sum, count) => sum + count), 3)
  t.same(due, [])
})
