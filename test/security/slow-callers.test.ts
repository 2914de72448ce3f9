import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { httpServerOptions } from '../../src/service/http-server.js'
import { matchError } from '../helpers/errors.js'
import { connectRaw, parseAnswer } from '../helpers/raw-http.js'
import { startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'

const LIMIT_MS = 400
const CHECK_MS = 50
const DRIP_MS = 20
/** A busy machine is late; without a limit nothing would end at all. */
const PATIENCE_MS = 5_000

const service = await startService(t, {
  overrides: { requestTimeout: LIMIT_MS, connectionTimeout: LIMIT_MS, http: { headersTimeout: LIMIT_MS, connectionsCheckingInterval: CHECK_MS } }
})
const { host } = new URL(service.url)

/** Sends the bytes, then one more every few milliseconds until the connection is closed. */
async function drip (start: string): Promise<{ answer: Buffer, seconds: number }> {
  const { socket, closed } = connectRaw(service.url)
  // Bytes that are sent after the service has closed the connection break it.
  socket.on('error', () => {})
  const begin = performance.now()
  socket.write(start)
  const timer = setInterval(() => { socket.write('x') }, DRIP_MS)
  const answer = await closed.finally(() => { clearInterval(timer) })
  return { answer, seconds: (performance.now() - begin) / 1_000 }
}

const head = (line: string, ...headers: string[]) => [line, `Host: ${host}`, ...headers].join('\r\n')
const slow = {
  'the body of an event': `${head('POST /webhooks/stripe HTTP/1.1', 'Stripe-Signature: t=1,v1=0', 'Content-Length: 100000')}\r\n\r\n`,
  'a body in chunks': `${head('POST /webhooks/stripe HTTP/1.1', 'Transfer-Encoding: chunked')}\r\n\r\nfffff\r\n`,
  'the body of a login': `${head('POST /api/login HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 10000')}\r\n\r\n`,
  'a body that comes after the refusal': `${head('POST /api/checkout HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 10000')}\r\n\r\n`,
  headers: `${head('GET /health/live HTTP/1.1', 'x-slow: ')}`,
  'the first line': 'GET /'
}
for (const [title, start] of Object.entries(slow)) {
  t.test(`who drips ${title} does not hold a connection`, async t => {
    const { answer, seconds } = await drip(start)
    t.comment(`closed after ${seconds.toFixed(2)} s`)
    t.ok(seconds * 1_000 < PATIENCE_MS, `${seconds} s`)
    if (title.includes('refusal')) t.match(answer.toString(), /^HTTP\/1\.1 401 /)
    else matchError(t, parseAnswer(answer), 'REQUEST_TIMEOUT')
  })
}

t.test('who connects and sends nothing, or asks and reads nothing, does not hold a connection', async t => {
  const connections = [connectRaw(service.url), connectRaw(service.url)]
  const [, deaf] = connections
  deaf?.socket.pause()
  // More than the buffers of both sides take.
  deaf?.socket.write(`${head('GET /docs/static/swagger-ui-bundle.js HTTP/1.1')}\r\n\r\n`.repeat(30))
  await delay(100)
  const open = () => new Promise<number>((resolve, reject) => { service.app.server.getConnections((error, count) => { error ? reject(error) : resolve(count) }) })
  t.equal(await open(), 2)
  for (let waited = 0; waited < PATIENCE_MS && await open() > 0; waited += CHECK_MS) await delay(CHECK_MS)
  t.equal(await open(), 0)
  for (const { socket } of connections) socket.destroy()
})

t.test('unless a test says otherwise, headers and body have 30 seconds together', async t => {
  t.match(httpServerOptions(false), { requestTimeout: 30_000, http: { headersTimeout: 30_000 } })
})

t.test('the service is none the worse', async t => {
  t.same(await countRows(service.connectionString), { users: 0, leads: 0, stripeEvents: 0 })
  t.equal((await service.request('GET', '/health/ready')).status, 200)
})
