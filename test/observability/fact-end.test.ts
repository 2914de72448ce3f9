import { createHash } from 'node:crypto'
import t from 'tap'
import type { Test } from 'tap'
import { eventually } from '../helpers/eventually.js'
import { startService } from '../helpers/service.js'

t.setTimeout(120_000)

const ONE_TIME = { priceId: 'price_sandbox_onetime', mode: 'payment' }

interface Line { level: number, msg: string, reqId?: string, trackingEvent?: number, kind?: string, state?: string, reason?: string | null, attempts?: number, customer?: string, source?: string, stripeEvent?: string }

/** The service, and what it logs. */
async function startLogging (t: Test) {
  const lines: string[] = []
  const service = await startService(t, {
    variables: { LOG_LEVEL: 'info', DELIVERY_RETRY_BASE_MS: '1', DELIVERY_RETRY_CAP_MS: '1' },
    overrides: { logStream: { write (line) { lines.push(line) } } }
  })
  const ends = () => lines.map(line => JSON.parse(line) as Line).filter(({ msg }) => ['A fact is done', 'A fact needs attention'].includes(msg))
  return { service, lines, ends }
}

const hashOf = (customerKey: string) => createHash('sha256').update(customerKey).digest('hex').slice(0, 16)

t.test('each fact\'s end is one line, which tells whose it is by a hash, and which event it came with', async t => {
  const { service, lines, ends } = await startLogging(t)
  const { userId, accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const session = await service.checkOut(accessToken, ONE_TIME)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  await eventually('both are done', async () => {
    await service.work()
    return ends().length === 2
  })
  const [lead, sale] = ends()
  t.match(lead, { level: 30, kind: 'lead', state: 'delivered', reason: null, attempts: 1, customer: hashOf(userId), source: 'signup', status: 200 })
  t.match(sale, { kind: 'sale', state: 'delivered', customer: hashOf(userId), source: /^evt_/ })
  const accepted = lines.map(line => JSON.parse(line) as Line).find(({ stripeEvent }) => stripeEvent === sale?.source)
  t.match(accepted, { msg: 'A Stripe event was stored', reqId: String }, 'the request that brought it is found by its id')
  t.same(lines.filter(line => line.includes(userId)), [], 'the key is nowhere')
})

t.test('what Affitor refuses, what a person takes out and settles by hand, and what is never sent', async t => {
  const { service, ends } = await startLogging(t)
  await service.report('/api/sales', { customerKey: 'ada@example.com', transactionId: 'transfer-1', amountCents: 100, currency: 'CHF' })
  await service.work()
  t.match(ends(), [{ level: 40, msg: 'A fact needs attention', state: 'needs_attention', reason: 'unsupported_currency', customer: hashOf('ada@example.com') }])

  await service.operator('POST', '/api/tracking/attention/resolve', { reason: 'unsupported_currency', note: 'told by hand' })
  t.match(ends()[1], { level: 30, state: 'resolved', reason: 'unsupported_currency', reqId: String })

  await service.report('/api/leads', { customerKey: 'grace' })
  const [{ id } = { id: 0 }] = (await service.ledger()).filter(({ kind }) => kind === 'lead')
  await service.operator('POST', `/api/tracking/events/${id}/hold`, {})
  t.match(ends()[2], { state: 'needs_attention', reason: 'held_by_operator', attempts: 0 })
  await service.operator('POST', `/api/tracking/events/${id}/resolve`, { note: 'not one of ours' })
  t.match(ends()[3], { state: 'resolved', reason: 'held_by_operator' })
  t.equal(ends().length, 4)
})

t.test('a customer whose key is in the address of a request is hashed there too', async t => {
  const { service, lines } = await startLogging(t)
  await service.operator('GET', `/api/tracking/customers/${encodeURIComponent('ada@example.com')}`)
  t.notMatch(lines.join(''), /ada/)
  t.match(lines.join(''), `/api/tracking/customers/${hashOf('ada@example.com')}`)
})
