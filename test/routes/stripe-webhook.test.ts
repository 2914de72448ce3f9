import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { deliver, signature, stripeEvent } from '../helpers/webhook.js'

const OLD_SECRET = 'whsec_the_secret_that_is_being_rotated_out'
const service = await startService(t)
const secret = service.stripe.webhookSecret
const rotating = await startService(t, {
  stripe: service.stripe,
  affitor: service.affitor,
  connectionString: service.connectionString,
  variables: { STRIPE_WEBHOOK_SECRET: `${OLD_SECRET}, ${secret}` }
})

const stored = async (id: string) =>
  await query<{ payload: string }>(service.connectionString, 'select *, payload::text as payload from stripe_events where id = $1', [id])
const count = async () => (await query(service.connectionString, 'select 1 from stripe_events')).length

t.test('a signed event is stored as it was signed', async t => {
  const event = stripeEvent()
  const text = JSON.stringify(event, null, 3)
  t.match(await deliver(service, text), { status: 200, body: { received: true } })
  t.match(await stored(event.id), [{
    type: 'checkout.session.completed',
    api_version: '2026-10-28.endive',
    livemode: false,
    created: new Date('2026-11-01T12:00:00.000Z'),
    state: 'received',
    payload: text
  }])
})

t.test('one changed byte is refused', async t => {
  const event = stripeEvent({ type: 'refund.created' })
  const text = JSON.stringify(event)
  const header = signature(text, secret)
  for (const changed of [
    text.replace('refund.created', 'refund.createe'), ` ${text}`, `${text}\n`, `\uFEFF${text}`, text.slice(0, -1), text.replace('evt_', 'evt-'), '{}'
  ]) {
    matchError(t, await deliver(service, changed, { signature: header }), 'INVALID_SIGNATURE', /^Webhook Error: No signatures found/)
  }
  t.same(await stored(event.id), [])
})

t.test('bytes that are no UTF-8 are not taken for those that were signed', async t => {
  const event = stripeEvent({ note: '\uFFFD' })
  const text = JSON.stringify(event)
  const bytes = Buffer.from(text)
  const at = bytes.indexOf('\uFFFD')
  const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)])
  const answer = await service.request('POST', '/webhooks/stripe', changed, { 'stripe-signature': signature(text, secret) })
  matchError(t, answer, 'INVALID_SIGNATURE', /^Webhook Error: /)
  t.same(await stored(event.id), [])
})

t.test('a signature is good for 300 seconds', async t => {
  const text = JSON.stringify(stripeEvent())
  t.equal((await deliver(service, text, { signature: signature(text, secret, 295) })).status, 200)
  for (const [server, used] of [[service, secret], [rotating, secret], [rotating, OLD_SECRET]] as const) {
    const answer = await deliver(server, text, { signature: signature(text, used, 301) })
    matchError(t, answer, 'INVALID_SIGNATURE', 'Webhook Error: Timestamp outside the tolerance zone')
  }
})

t.test('a signature that is missing, malformed or by another secret is refused', async t => {
  const event = stripeEvent()
  const text = JSON.stringify(event)
  const good = signature(text, secret)
  const mac = /v1=(\w+)/.exec(good)?.[1] ?? ''
  matchError(t, await service.request('POST', '/webhooks/stripe', Buffer.from(text)), 'INVALID_SIGNATURE',
    'Webhook Error: the Stripe-Signature header is missing.')
  for (const header of [
    '', ' ', 'garbage', 't=,v1=', `v1=${mac}`, good.replace(/t=\d+/, 't=never'), good.replace(/t=\d+/, 't=-1'), good.replace('v1=', 'v0='),
    good.replace(mac, mac.slice(1)), good.replace(mac, mac.toUpperCase()), signature(text, 'whsec_of_somebody_else'), signature(text, ''), '\u00ff=\u00ff'
  ]) {
    matchError(t, await deliver(service, text, { signature: header }), 'INVALID_SIGNATURE', /^Webhook Error: /)
  }
  t.same(await stored(event.id), [])
})

t.test('while the secret is rotated, both the old one and the new one count', async t => {
  for (const used of [OLD_SECRET, secret]) {
    const event = stripeEvent()
    const text = JSON.stringify(event)
    t.equal((await deliver(rotating, text, { signature: signature(text, used) })).status, 200, used)
    t.equal((await stored(event.id)).length, 1)
  }
  const text = JSON.stringify(stripeEvent())
  matchError(t, await deliver(rotating, text, { signature: signature(text, 'whsec_a_third') }), 'INVALID_SIGNATURE', /^Webhook Error: No signatures/)
})

t.test('one of several signatures in the header is enough', async t => {
  const event = stripeEvent()
  const text = JSON.stringify(event)
  const other = signature(text, 'whsec_the_other').replace(/t=\d+,/, '')
  t.equal((await deliver(service, text, { signature: `${signature(text, secret)},${other}` })).status, 200)
  const [time, v1] = signature(text, secret).split(',')
  t.equal((await deliver(service, text, { signature: `${time},${other},${v1},v0=abc` })).status, 200)
  t.equal((await stored(event.id)).length, 1)
})

t.test('of two times in the header neither makes an old signature good', async t => {
  const event = stripeEvent()
  const text = JSON.stringify(event)
  const [oldTime, oldV1] = signature(text, secret, 400).split(',')
  const [newTime] = signature(text, secret).split(',')
  for (const header of [`${oldTime},${newTime},${oldV1}`, `${newTime},${oldTime},${oldV1}`, `${oldTime},${oldV1},${newTime}`, `${newTime},${oldV1},${oldTime}`]) {
    matchError(t, await deliver(service, text, { signature: header }), 'INVALID_SIGNATURE', /^Webhook Error: /)
  }
  t.same(await stored(event.id), [])
})

t.test('the body is bytes, whatever content type it claims, or none', async t => {
  for (const contentType of [
    undefined, 'application/json', 'application/json; charset=utf-8', 'application/json; charset=latin1', 'text/plain', 'text/html',
    'application/octet-stream', 'application/x-www-form-urlencoded', 'multipart/form-data', 'image/png', 'garbage', '/', ';'
  ]) {
    const event = stripeEvent({ note: 'Grüße 👋' })
    const answer = await deliver(service, event, contentType === undefined ? {} : { contentType })
    t.equal(answer.status, 200, contentType ?? 'none')
    t.equal((await stored(event.id))[0]?.payload, JSON.stringify(event), contentType ?? 'none')
  }
})

t.test('a body without an event is refused, signed or not', async t => {
  matchError(t, await service.request('POST', '/webhooks/stripe'), 'INVALID_SIGNATURE', /header is missing/)
  const unsigned = await service.request('POST', '/webhooks/stripe', undefined, { 'stripe-signature': signature('{}', secret) })
  matchError(t, unsigned, 'INVALID_SIGNATURE', /^Webhook Error: /)
  matchError(t, await deliver(service, ''), 'INVALID_SIGNATURE', 'Webhook Error: No webhook payload was provided.')
})

t.test('what is signed but is no snapshot event is refused with the way out', async t => {
  const before = await count()
  for (const text of ['not json', '{"id":', `\uFEFF${JSON.stringify(stripeEvent())}`]) {
    matchError(t, await deliver(service, text), 'UNSUPPORTED_EVENT', 'Webhook Error: the body is signed, but is not JSON.')
  }
  const thin = {
    id: 'evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0',
    object: 'v2.core.event',
    type: 'v1.billing.meter.error_report_triggered',
    livemode: false,
    created: '2026-11-01T12:00:00.000Z',
    related_object: { id: 'mtr_1', type: 'billing.meter', url: '/v1/billing/meters/mtr_1' }
  }
  matchError(t, await deliver(service, thin), 'UNSUPPORTED_EVENT', /make the event destination with the payload style "Snapshot", not "Thin"/)

  const { data: _data, ...withoutData } = stripeEvent()
  for (const value of [
    null, true, 1, 'text', [], {}, [stripeEvent()], withoutData, stripeEvent({ object: 'checkout.session' }), stripeEvent({ id: 1 }), stripeEvent({ id: '' }),
    stripeEvent({ id: 'evt_\u0000' }), stripeEvent({ id: 'evt_\ud800' }), stripeEvent({ id: 'x'.repeat(10_000) }),
    stripeEvent({ type: null }), stripeEvent({ created: '2026-11-01' }), stripeEvent({ created: 1e300 }), stripeEvent({ created: -1 }),
    stripeEvent({ livemode: 'false' }), stripeEvent({ api_version: '\u0000' }), stripeEvent({ api_version: {} }),
    stripeEvent({ data: null }), stripeEvent({ data: {} }), stripeEvent({ data: { object: null } }), stripeEvent({ data: { object: [] } }), stripeEvent({ data: { object: 'cs_1' } })
  ]) {
    matchError(t, await deliver(service, JSON.stringify(value)), 'UNSUPPORTED_EVENT', /^Webhook Error: not a snapshot event/)
  }
  t.equal(await count(), before)
})
