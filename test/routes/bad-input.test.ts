import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'

const service = await startService(t)
const user = await service.signUp()
const before = { rows: await countRows(service.connectionString), sessions: service.stripe.sandbox.stripe.state.sessions.size }

/** What is wrong with a request, and what the message must name. */
type Wrong = [input: unknown, message: RegExp]

const asUser = { authorization: `Bearer ${user.accessToken}` }
const asOperator = { authorization: `Bearer ${ADMIN_TOKEN}` }
const NUL = 'a\u0000b'
const LONE_SURROGATE = 'a\ud800b'
const credentials = { email: 'bad@example.com', password: 'correct horse battery' }
const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }

/** Everything that a text field must refuse. */
function badTexts (good: object, field: string, longest: number): Wrong[] {
  const place = new RegExp(`^body/${field} must `)
  return [42, true, {}, [], ['text'], { $gt: '' }, 'x'.repeat(longest + 1), NUL, '\u0000', LONE_SURROGATE, '\udc00', 1e308]
    .map(value => [{ ...good, [field]: value }, place])
}

/** Everything that a body must refuse, whatever is in it. */
function badBodies (good: object): Wrong[] {
  const json = JSON.stringify(good)
  const deep = `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`
  return [
    ...[null, 'text', 1, true, [], [good]].map((value): Wrong => [JSON.stringify(value), /^body must be object$/]),
    [{}, /^body must have required property '\w+'$/],
    [{ ...good, admin: true }, /^body must not have the property "admin"$/],
    [{ ...good, [NUL]: 1 }, /^body must not have the property "a/],
    [json.replace('{', '{"__proto__":{"admin":true},'), /__proto__/],
    [json.replace('{', '{"\\u005f_proto__":{"admin":true},'), /__proto__/],
    [json.replace('{', '{"constructor":{"prototype":{"admin":true}},'), /constructor/],
    [json.replace('{', '{"constructor":1,'), /"constructor"/],
    [json.replace('{', `{"extra":${deep},`), /"extra"/],
    [deep, /^body must have required property/],
    ['[['.repeat(4_000), /not valid JSON/],
    ['', /not valid JSON/],
    ['{', /not valid JSON/],
    [`${json}}`, /not valid JSON/],
    [`${json}${json}`, /not valid JSON/],
    [json.replaceAll('"', '\''), /not valid JSON/],
    ['{"email":NaN}', /not valid JSON/],
    [Buffer.from(json.replace('{', '{"extra":"\u00e9",'), 'latin1'), /not valid JSON in UTF-8/],
    [Buffer.from(json, 'utf16le'), /not valid JSON/],
    [Buffer.from([0xff, 0xfe, 0x00]), /not valid JSON in UTF-8/],
    [{ ...good, extra: 'x'.repeat(17_000) }, /too large/]
  ]
}

const bodies: Record<string, { headers: Record<string, string>, good: object, wrong: Wrong[] }> = {
  '/api/signup': {
    headers: {},
    good: credentials,
    wrong: [
      [{ email: credentials.email }, /'password'/],
      [{ password: credentials.password }, /'email'/],
      ...badTexts(credentials, 'email', 254),
      ...['', ' ', 'ada', 'ada@', '@example.com', 'ada@example', 'ada@@example.com', ' ada@example.com', 'ada@example.com\n', 'ada@example.com, eve@example.com', `${'a'.repeat(250)}@example.com`]
        .map((email): Wrong => [{ ...credentials, email }, /^body\/email must match format "email"|^body\/email must NOT have more than 254/]),
      ...badTexts(credentials, 'password', 128),
      ...['', 'short', '1234567'].map((password): Wrong => [{ ...credentials, password }, /^body\/password must NOT have fewer than 8/]),
      [{ ...credentials, password: null }, /^body\/password must be string/],
      ...badTexts(credentials, 'affitorClickId', 255)
    ]
  },
  '/api/login': {
    headers: {},
    good: credentials,
    wrong: [
      [{ email: credentials.email }, /'password'/],
      [{ password: credentials.password }, /'email'/],
      ...badTexts(credentials, 'email', 254),
      ...badTexts(credentials, 'password', 128),
      [{ ...credentials, password: '' }, /^body\/password must NOT have fewer than 1/]
    ]
  },
  '/api/checkout': {
    headers: asUser,
    good: order,
    wrong: [
      [{ mode: 'payment' }, /'priceId'/],
      [{ priceId: order.priceId }, /'mode'/],
      ...badTexts(order, 'priceId', 255),
      ...['', ' ', 'price-1', 'price_1/../x', '../v1/customers', 'price_é'].map((priceId): Wrong => [{ ...order, priceId }, /^body\/priceId must /]),
      ...badTexts(order, 'mode', 20),
      ...['', 'setup', 'PAYMENT', 'toString'].map((mode): Wrong => [{ ...order, mode }, /^body\/mode must be one of: payment, subscription$/]),
      ...['1', true, null, {}, [], 1.5, 0, -1, 1_000_000, 1e21, -1e308].map((quantity): Wrong => [{ ...order, quantity }, /^body\/quantity must /]),
      [JSON.stringify(order).replace('{', '{"quantity":1e999,'), /^body\/quantity must /],
      [JSON.stringify(order).replace('{', '{"quantity":9007199254740993,'), /^body\/quantity must /],
      ...badTexts(order, 'affitorClickId', 255)
    ]
  }
}

for (const [path, { headers, good, wrong }] of Object.entries(bodies)) {
  t.test(`bodies that POST ${path} refuses`, async t => {
    for (const [input, message] of [...badBodies(good), ...wrong]) {
      const answer = await service.request('POST', path, input, { 'content-type': 'application/json', ...headers })
      const code = answer.status === 413 ? 'BODY_TOO_LARGE' : message.source.includes('JSON') ? 'INVALID_JSON' : 'INVALID_REQUEST'
      matchError(t, answer, code, message, describe(input))
    }
  })

  t.test(`content types that POST ${path} refuses`, async t => {
    const bytes = Buffer.from(JSON.stringify(good))
    for (const type of ['text/plain', 'text/html', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'garbage', ';', 'application/json/']) {
      matchError(t, await service.request('POST', path, bytes, { ...headers, 'content-type': type }), 'UNSUPPORTED_MEDIA_TYPE')
    }
    matchError(t, await service.request('POST', path, bytes, headers), 'UNSUPPORTED_MEDIA_TYPE')
    matchError(t, await service.request('POST', path, undefined, headers), 'INVALID_REQUEST', 'body must be object')
  })
}

t.test('idempotency keys that checkout refuses', async t => {
  for (const key of ['', 'x'.repeat(201)]) {
    const answer = await service.request('POST', '/api/checkout', order, { ...asUser, 'idempotency-key': key })
    matchError(t, answer, 'INVALID_REQUEST', /^headers\/idempotency-key must NOT have (fewer|more) than/)
  }
})

const id = (value: string): [string, RegExp] => [`events/${value}`, /^params\/id must /]
const queries: Array<[path: string, message: RegExp]> = [
  ...['abc', '0', '-1', '1.5', '1e999', 'NaN', 'Infinity', '9007199254740993', '99999999999999999999999', '%00', '1%00', '%20', 'null', 'true', '__proto__'].map(id),
  ...['abc', '', '0', '-1', '201', '1.5', '1e999', 'NaN', '%00', '%zz', '1&limit=2'].flatMap((limit): Array<[string, RegExp]> =>
    ['events', 'stripe-events'].map(list => [`${list}?limit=${limit}`, /^querystring\/limit must /])),
  ...['abc', '', '-1', '1.5', '1%00', '9223372036854775808', '9999999999999999999', '1'.repeat(41), '1&cursor=2'].flatMap((cursor): Array<[string, RegExp]> =>
    ['events', 'stripe-events'].map(list => [`${list}?cursor=${cursor}`, /^querystring\/cursor must /])),
  ...['', 'LEAD', 'click', '%00', '__proto__', 'lead&kind=sale'].map((kind): [string, RegExp] => [`events?kind=${kind}`, /^querystring\/kind must (be one of: lead, sale, refund$|be string)/]),
  ...['', 'received', '%00', 'pending&state=delivered'].map((state): [string, RegExp] => [`events?state=${state}`, /^querystring\/state must /]),
  ...['', 'pending', '%00'].map((state): [string, RegExp] => [`stripe-events?state=${state}`, /^querystring\/state must /]),
  ...['', '%00', 'a%00b', 'x'.repeat(201), 'a&customerKey=b'].map((key): [string, RegExp] => [`events?customerKey=${key}`, /^querystring\/customerKey must /]),
  ...['', '%00', 'Invoice.paid', 'x'.repeat(101), 'a&type=b', '%27;drop'].map((type): [string, RegExp] => [`stripe-events?type=${type}`, /^querystring\/type must /]),
  ...['%00', 'a%00b', 'x'.repeat(201)].map((key): [string, RegExp] => [`customers/${key}`, /^params\/customerKey must /]),
  ...['unknown=1', '__proto__=1', 'constructor=1', '%00=1', 'limit[]=1', '%zz=1'].flatMap((search): Array<[string, RegExp]> =>
    ['events', 'stripe-events'].map(list => [`${list}?${search}`, /^querystring must not have the property "/]))
]
t.test('parameters that the operator routes refuse', async t => {
  for (const [path, message] of queries) {
    const answer = await service.operator('GET', `/api/tracking/${path}`)
    matchError(t, answer, 'INVALID_REQUEST', message, describe(path))
  }
  for (const bad of ['abc', '0', '1e999', '%00']) {
    matchError(t, await service.operator('POST', `/api/tracking/events/${bad}/retry`), 'INVALID_REQUEST', /^params\/id must /)
  }
})

t.test('bodies that a route without one refuses', async t => {
  const retry = (body: string, type: string) => service.request('POST', '/api/tracking/events/1/retry', body, { ...asOperator, 'content-type': type })
  matchError(t, await retry('{', 'application/json'), 'INVALID_JSON')
  matchError(t, await retry('{"__proto__":1}', 'application/json'), 'INVALID_REQUEST', /__proto__/)
  matchError(t, await retry('x', 'text/plain'), 'UNSUPPORTED_MEDIA_TYPE')
  matchError(t, await retry(`"${'x'.repeat(17_000)}"`, 'application/json'), 'BODY_TOO_LARGE')
})

t.test('nothing of all this was stored, nor asked of Stripe', async t => {
  t.same(await countRows(service.connectionString), before.rows)
  t.equal(service.stripe.sandbox.stripe.state.sessions.size, before.sessions)
  t.equal(Object.getOwnPropertyDescriptor(Object.prototype, 'admin'), undefined)
})

function describe (input: unknown): string {
  const text = Buffer.isBuffer(input) ? input.toString('latin1') : typeof input === 'string' ? input : JSON.stringify(input)
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)} ... (${text.length})` : text).replaceAll('#', '')
}
