import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { connectRaw } from '../helpers/raw-http.js'
import { startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'
import { deliver, signature, stripeEvent } from '../helpers/webhook.js'

const REQUESTS = 10_000
/** Requests of one connection. */
const BATCH = 100
/** Connections. */
const AT_ONCE = 10
const SETTLE_MS = 300
const MIB = 1024 * 1024
/** What the heap may have grown by after all requests; a leak of one body each would be over 20 MiB. */
const MAX_GROWTH_MIB = 5

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const service = await startService(t)
const { host } = new URL(service.url)
const secret = service.stripe.webhookSecret
const good = JSON.stringify(stripeEvent())

/** Bodies with headers that were never signed by Stripe for them. */
const garbage: Array<() => { body: Buffer, headers: Record<string, string> }> = [
  () => ({ body: randomBytes(randomInt(1, 4_000)), headers: {} }),
  () => ({ body: randomBytes(randomInt(1, 4_000)), headers: { 'stripe-signature': `t=${randomInt(2 ** 40)},v1=${randomBytes(32).toString('hex')}` } }),
  () => ({ body: Buffer.from(JSON.stringify(stripeEvent())), headers: { 'stripe-signature': signature(good, secret) } }),
  () => ({ body: Buffer.from(good), headers: { 'stripe-signature': signature(good, secret, randomInt(310, 100_000)) } }),
  () => ({ body: Buffer.from(good), headers: { 'stripe-signature': signature(good, randomBytes(16).toString('hex')) } }),
  () => ({ body: Buffer.from(good), headers: { 'stripe-signature': randomBytes(200).toString('base64') } }),
  () => ({ body: Buffer.from(good.slice(0, randomInt(1, good.length))), headers: { 'stripe-signature': signature(good, secret), 'content-type': 'application/json' } })
]

/** Sends a batch on one connection, without waiting for the answers in between. Resolves to the statuses. */
async function sendBatch (): Promise<string[]> {
  const { socket, closed } = connectRaw(service.url)
  for (let i = 1; i <= BATCH; i++) {
    const { body, headers } = pick(garbage)()
    const lines = Object.entries({ host, 'content-length': body.length, ...(i === BATCH && { connection: 'close' }), ...headers })
    socket.write(`POST /webhooks/stripe HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    socket.write(body)
  }
  return [...(await closed).toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status)
}

/** Sends so many. Resolves to how often each status was answered. */
async function send (requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let sent = 0; sent < requests; sent += AT_ONCE * BATCH) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, sendBatch))
    for (const status of answers.flat()) counts[status] = (counts[status] ?? 0) + 1
  }
  return counts
}

function pick<T> (list: T[]): T {
  return list[randomInt(list.length)] as T
}

/** MiB in use once the connections are gone and what nobody needs has been collected. */
async function memoryInUse (): Promise<{ heap: number, resident: number }> {
  // What has a finalizer is freed by the collection after the one that found it.
  for (let i = 0; i < 2; i++) {
    await delay(SETTLE_MS)
    collectGarbage()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: (heapUsed + external) / MIB, resident: rss / MIB }
}

t.test('of 10,000 requests that Stripe did not sign none is taken, none is stored, and none stays in memory', async t => {
  await send(1_000)
  const before = await memoryInUse()
  const begin = performance.now()
  t.same(await send(REQUESTS), { 400: REQUESTS })
  const seconds = (performance.now() - begin) / 1_000
  const after = await memoryInUse()
  t.comment(`${REQUESTS} requests in ${seconds.toFixed(1)} s; heap ${before.heap.toFixed(1)} -> ${after.heap.toFixed(1)} MiB, ` +
    `resident ${before.resident.toFixed(0)} -> ${after.resident.toFixed(0)} MiB`)
  t.ok(after.heap - before.heap < MAX_GROWTH_MIB, `${after.heap - before.heap} MiB`)
  t.equal((await countRows(service.connectionString)).stripeEvents, 0)
})

t.test('and what Stripe did sign is still taken', async t => {
  t.equal((await deliver(service, good)).status, 200)
  t.equal((await countRows(service.connectionString)).stripeEvents, 1)
})
