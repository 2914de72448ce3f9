import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Value } from '@sinclair/typebox/value'
import { Affitor } from '@affitor/sdk/server'
import t from 'tap'
import type { Test } from 'tap'
import { createAffitorClient } from '../../src/affitor/client.js'
import { programStatusReader } from '../../src/affitor/program-status.js'
import type { ClaimedTrackingEvent } from '../../src/ledger/delivery.js'
import { startAffitor } from '../helpers/affitor.js'
import { endpoints, NEVER_ANSWERED } from './published.js'

interface Exchange {
  method: string
  path: string
  query: string
  authorization: string | undefined
  body: unknown
  status: number
  retryAfter: string | null
  answer: unknown
}

/** Stands between a client and the stand-in, and writes down what passes. */
async function listenIn (t: Test, target: string): Promise<{ url: string, heard: Exchange[] }> {
  const heard: Exchange[] = []
  async function pass (incoming: IncomingMessage): Promise<Response> {
    let body = ''
    for await (const chunk of incoming.setEncoding('utf8')) body += chunk
    const { method = '', url = '', headers: { authorization, 'content-type': type } } = incoming
    const response = await fetch(target + url, {
      method,
      headers: { ...(authorization !== undefined && { authorization }), ...(type !== undefined && { 'content-type': type }) },
      ...(body !== '' && { body })
    })
    const [path = '', query = ''] = url.split('?')
    const answer: unknown = await response.clone().json()
    heard.push({ method, path, query, authorization, body: body === '' ? undefined : JSON.parse(body), status: response.status, retryAfter: response.headers.get('retry-after'), answer })
    return response
  }
  const server = createServer((incoming, outgoing) => {
    pass(incoming).then(async response => {
      const retryAfter = response.headers.get('retry-after')
      outgoing.writeHead(response.status, { 'content-type': 'application/json', ...(retryAfter !== null && { 'retry-after': retryAfter }) }).end(await response.text())
    }, error => { outgoing.destroy(error) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

const history = {
  id: 1, source: 'evt_1', attempts: 1, isProbe: false, traceparent: null, wasLeft: false, hadServerError: false, mayHaveArrived: false, hadUnclearAnswer: false, unknownCustomerAnswers: 0, refusedAlone: false, leadState: null, saleState: null, saleHeld: false, otherRefund: null
} as const
const leadOf = (customerKey: string, clickId?: string): ClaimedTrackingEvent =>
  ({ ...history, kind: 'lead', customerKey, transactionId: customerKey, payload: { v: 1, email: 'ada@example.com', ...(clickId !== undefined && { clickId }) } })
const saleOf = (customerKey: string, transactionId: string): ClaimedTrackingEvent => ({
  ...history,
  kind: 'sale',
  customerKey,
  transactionId,
  payload: { v: 1, amountCents: 4900, currency: 'EUR', saleType: 'subscription', isRecurring: true, subscriptionId: 'sub_1', subscriptionInterval: 'monthly', productId: 'prod_1' }
})
const refundOf = (customerKey: string, saleTransactionId: string, full: boolean): ClaimedTrackingEvent =>
  ({ ...history, kind: 'refund', customerKey, transactionId: `re_${saleTransactionId}`, saleTransactionId, payload: { v: 1, amountCents: 500, currency: 'USD', full, refundReason: 'requested_by_customer' } })

t.test('our calls, and the answers of the stand-in, are those of Affitor\'s published document', async t => {
  let now = Date.UTC(2026, 10, 1)
  const affitor = await startAffitor(t, {
    now: () => new Date(now), partners: [{ code: 'TESTCODE', commissionRate: 0.2 }, { code: 'OFF', commissionRate: 0.2, status: 'inactive' }]
  })
  const { url, heard } = await listenIn(t, affitor.url)
  const ours = createAffitorClient({ apiKey: affitor.apiKey, apiUrl: url, timeoutMs: 10_000, testMode: false })
  const testing = createAffitorClient({ apiKey: affitor.apiKey, apiUrl: url, timeoutMs: 10_000, testMode: true })
  const stranger = createAffitorClient({ apiKey: 'aff_wrong', apiUrl: url, timeoutMs: 10_000, testMode: false })
  const sdk = new Affitor({ apiKey: affitor.apiKey, apiUrl: url })
  const readState = (apiKey: string) => programStatusReader({ apiKey, apiUrl: url, programId: affitor.programId })()
  const testEvent = async (body: object, apiKey = affitor.apiKey) => await (await fetch(`${url}/api/v1/cli/test-event`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }, body: JSON.stringify(body)
  })).json()

  t.match(await readState(affitor.apiKey), { state: 'configuring' })
  await sdk.trackClick({ affiliateUrl: 'https://shop.example/?aff=OFF' })
  const click = await sdk.trackClick({ affiliateUrl: 'https://shop.example/?aff=TESTCODE', pageUrl: 'https://shop.example/', referrerUrl: 'https://blog.example/' })
  await ours.send(leadOf('user_1', click.ok ? click.data?.click_id : undefined))
  await ours.send(saleOf('user_1', 'cs_1'))
  await ours.send(saleOf('user_1', 'cs_2'))
  await ours.send(refundOf('user_1', 'cs_1', true))
  await ours.send(refundOf('user_1', 'cs_2', false))
  await testing.send(leadOf('user_2'))
  await testing.send(saleOf('user_2', 'cs_3'))
  await testing.send(refundOf('user_2', 'cs_3', true))
  await ours.send(saleOf('user_1', 'cs_1'))
  await ours.send(leadOf('nobody'))
  await ours.send(saleOf('nobody', 'cs_4'))
  await ours.send(refundOf('user_1', 'cs_4', true))
  for (const event of [leadOf('user_1'), saleOf('user_1', 'cs_5'), refundOf('user_1', 'cs_1', true)]) await stranger.send(event)
  for (const failStatus of [429, 500]) {
    affitor.behave({ failStatus, retryAfterSeconds: 7 })
    for (const event of [leadOf('user_1'), saleOf('user_1', 'cs_5'), refundOf('user_1', 'cs_1', true)]) await ours.send(event)
    await sdk.trackClick({ affiliateUrl: 'https://shop.example/?aff=TESTCODE' })
  }
  affitor.behave({ failAfterRecording: 500, times: 1 })
  await ours.send(saleOf('user_1', 'cs_6'))
  await ours.send(refundOf('user_1', 'cs_6', true))
  for (let i = 0; i < 11; i++) await testEvent({ type: 'chain' })
  await testEvent({ type: 'chain' }, 'aff_wrong')
  await t.rejects(readState('aff_wrong'), { code: 'AFFITOR_UNAVAILABLE' })
  t.match(await sdk.readiness({ forceRecheck: true }), { state: 'live_verified' })
  now += 75 * 86_400_000
  await ours.send(saleOf('user_1', 'cs_7'))
  const requests = heard.length
  // The answers to what we never ask.
  t.match(await sdk.trackSale({ additionalData: { test_mode: true } }), { ok: true, data: { data: { test_mode: true } } }, 'a test sale needs nothing else')
  await sdk.trackClick({ affiliateUrl: 'https://shop.example/' })
  await testEvent({ type: 'other' })
  await fetch(`${url}/api/v1/track/refund`, { method: 'POST', headers: { authorization: `Bearer ${affitor.apiKey}`, 'content-type': 'application/json' }, body: '{}' })

  for (const [index, { method, path, query, authorization, body, status, retryAfter, answer }] of heard.entries()) {
    const endpoint = endpoints[path]
    const what = `${method} ${path} ${JSON.stringify(body)}: ${status} ${JSON.stringify(answer)}`
    if (endpoint === undefined) {
      t.fail(what)
      continue
    }
    t.equal(method, endpoint.method, what)
    t.equal(authorization?.startsWith('Bearer ') ?? false, endpoint.key !== 'none', what)
    if (index < requests) t.same([...Value.Errors(endpoint.request, body)].map(({ path: field, message }) => `${field} ${message}`), [], what)
    t.ok(['', ...(method === 'GET' ? ['force_recheck=true'] : [])].includes(query), what)
    t.ok(endpoint.answers[status]?.some(shape => Value.Check(shape, answer)), what)
    if (status === 429) t.match(retryAfter, /^\d+$/, what)
  }
  const seen = new Set(heard.map(({ path, status }) => `${path} ${status}`))
  const documented = Object.entries(endpoints).flatMap(([path, { answers }]) => Object.keys(answers).map(status => `${path} ${status}`))
  t.same(documented.filter(one => !seen.has(one)), NEVER_ANSWERED)
  t.ok(heard.some(({ body }) => (body as { product_id?: string } | undefined)?.product_id === 'prod_1'))
  for (const path of ['/api/v1/track/lead', '/api/v1/track/sale']) {
    for (const [i, shape] of (endpoints[path]?.answers[200] ?? []).entries()) {
      t.ok(heard.some(one => one.path === path && one.status === 200 && Value.Check(shape, one.answer)), `${path}: answer ${i} of 200`)
    }
  }
})
