import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'

const BUY = { priceId: 'price_sandbox_onetime', mode: 'payment' }
const LIMIT_MS = 700

t.test('a slow Stripe: the buyer is answered in time, and the same key makes one session only', async t => {
  const service = await startService(t, { overrides: { stripeTimeoutMs: 500, checkoutLimitMs: LIMIT_MS } })
  const { state } = service.stripe.sandbox.stripe
  const { accessToken } = await service.signUp()
  const buy = () => service.request<{ sessionId: string }>('POST', '/api/checkout', BUY, { authorization: `Bearer ${accessToken}`, 'idempotency-key': 'one-purchase' })

  await service.stripe.control('POST', '/behaviour', { latencyMs: 1_500 })
  const started = performance.now()
  // What was asked for and given up is made at Stripe all the same, some time later.
  matchError(t, await buy(), 'STRIPE_UNAVAILABLE', /same Idempotency-Key/)
  const waited = performance.now() - started
  t.ok(waited < LIMIT_MS + 500, `answered after ${Math.round(waited)} ms`)

  await service.stripe.control('DELETE', '/behaviour')
  const { status, body } = await buy()
  t.equal(status, 201)
  await new Promise(resolve => setTimeout(resolve, 1_700))
  t.same([...state.sessions.keys()], [body.sessionId], 'also after the late request has arrived')
  t.equal((await buy()).body.sessionId, body.sessionId)
})

t.test('a Stripe that sends its answer byte by byte holds nobody up', async t => {
  const sockets = new Set<Socket>()
  const dripping = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000\r\n\r\n')
    const timer = setInterval(() => { socket.write(' ') }, 50)
    socket.on('close', () => { clearInterval(timer) })
  })
  await new Promise<void>(resolve => dripping.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    dripping.close()
  })
  const service = await startService(t, {
    variables: { STRIPE_API_URL: `http://127.0.0.1:${(dripping.address() as AddressInfo).port}` },
    overrides: { stripeTimeoutMs: 300, checkoutLimitMs: LIMIT_MS }
  })
  const { accessToken } = await service.signUp()
  const started = performance.now()
  matchError(t, await service.request('POST', '/api/checkout', BUY, { authorization: `Bearer ${accessToken}` }), 'STRIPE_UNAVAILABLE', /in time/)
  const waited = performance.now() - started
  t.ok(waited < LIMIT_MS + 500, `answered after ${Math.round(waited)} ms`)
})

t.test('while Stripe is away, signups and stored facts go on', async t => {
  const service = await startService(t, { variables: { STRIPE_API_URL: 'http://127.0.0.1:9' } })
  const { accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  matchError(t, await service.request('POST', '/api/checkout', BUY, { authorization: `Bearer ${accessToken}` }), 'STRIPE_UNAVAILABLE')
  await service.work()
  t.match(await service.ledger(), [{ kind: 'lead', state: 'delivered' }])
})
