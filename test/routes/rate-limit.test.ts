import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'

const LIMIT = 3
const direct = await startService(t, { variables: { RATE_LIMIT_PER_MINUTE: String(LIMIT) } })
const shared = { affitor: direct.affitor, stripe: direct.stripe, connectionString: direct.connectionString }
const behindProxy = await startService(t, { ...shared, variables: { RATE_LIMIT_PER_MINUTE: String(LIMIT), TRUST_PROXY: '1' } })

let emails = 0
const signUp = (service: Service, headers?: Record<string, string>) =>
  service.request('POST', '/api/signup', { email: `limited${++emails}@example.com`, password: 'correct horse battery' }, headers)
const logIn = (service: Service, headers?: Record<string, string>) =>
  service.request('POST', '/api/login', { email: `nobody${++emails}@example.com`, password: 'wrong password' }, headers)

t.test('a signup too many is refused, and told when to come again', async t => {
  for (let i = 0; i < LIMIT; i++) t.equal((await signUp(direct)).status, 201)
  const answer = await signUp(direct)
  matchError(t, answer, 'RATE_LIMITED', /^Too many requests from this address. Try again in /)
  const seconds = Number(answer.headers.get('retry-after'))
  t.ok(seconds > 0 && seconds <= 60, String(seconds))
})

t.test('it is refused before the body is looked at', async t => {
  matchError(t, await direct.request('POST', '/api/signup', '{', { 'content-type': 'application/json' }), 'RATE_LIMITED', /^Too many/)
})

t.test('logins are limited too, and counted apart from signups', async t => {
  for (let i = 0; i < LIMIT; i++) t.equal((await logIn(direct)).status, 401)
  matchError(t, await logIn(direct), 'RATE_LIMITED', /^Too many/)
})

t.test('without a proxy to trust, nobody gets around it by X-Forwarded-For', async t => {
  t.equal((await signUp(direct, { 'x-forwarded-for': '203.0.113.7' })).status, 429)
})

t.test('behind a proxy, callers are told apart by the address that the proxy saw', async t => {
  for (let i = 0; i < LIMIT; i++) t.equal((await logIn(behindProxy, { 'x-forwarded-for': '203.0.113.1' })).status, 401)
  t.equal((await logIn(behindProxy, { 'x-forwarded-for': '203.0.113.1' })).status, 429)
  t.equal((await logIn(behindProxy, { 'x-forwarded-for': '203.0.113.2' })).status, 401)
})

t.test('nor there, by an address of their own before the one that the proxy adds', async t => {
  for (let i = 0; i < LIMIT; i++) t.equal((await logIn(behindProxy, { 'x-forwarded-for': `198.51.100.${i}, 203.0.113.3` })).status, 401)
  t.equal((await logIn(behindProxy, { 'x-forwarded-for': '198.51.100.99, 203.0.113.3' })).status, 429)
})

const addressesOfOne: Record<string, (i: number) => string> = {
  'an IPv4 address with the port of each connection': i => `203.0.113.7:${50_000 + i}`,
  'the same without a port, and among others': i => ['203.0.113.8', '203.0.113.8:443', '198.51.100.1:80, 203.0.113.8:51234', '::ffff:203.0.113.8', '[::ffff:203.0.113.8]:51234'][i % 5] ?? '',
  'an IPv6 address with the port of each connection': i => `[2001:db8:1::7]:${50_000 + i}`,
  'the same in brackets without a port, and without brackets': i => ['[2001:db8:2::7]', '2001:db8:2::7', '2001:DB8:2:0::7'][i % 3] ?? '',
  'an IPv6 network of 64 bits, which one caller has': i => `2001:db8:3::${i.toString(16)}:1`,
  'that with ports': i => `[2001:db8:4::${i.toString(16)}:1]:${50_000 + i}`
}
for (const [title, address] of Object.entries(addressesOfOne)) {
  t.test(`behind a proxy, this is one caller: ${title}`, async t => {
    for (let i = 0; i < LIMIT; i++) t.equal((await logIn(behindProxy, { 'x-forwarded-for': address(i) })).status, 401)
    for (let i = LIMIT; i < LIMIT + 5; i++) t.equal((await logIn(behindProxy, { 'x-forwarded-for': address(i) })).status, 429, address(i))
  })
}

t.test('two networks of 64 bits are two callers, with ports or without', async t => {
  for (let i = 0; i < LIMIT; i++) t.equal((await logIn(behindProxy, { 'x-forwarded-for': '[2001:db8:5:1::7]:443' })).status, 401)
  t.equal((await logIn(behindProxy, { 'x-forwarded-for': '[2001:db8:5:1::7]:443' })).status, 429)
  t.equal((await logIn(behindProxy, { 'x-forwarded-for': '[2001:db8:5:2::7]:443' })).status, 401)
})

/** A login from an address of its own. */
let addresses = 0
const logInFromElsewhere = (email: string, password = 'wrong password') => behindProxy.request('POST', '/api/login', { email, password }, { 'x-forwarded-for': `192.0.2.${++addresses}` })

t.test('one account is tried three times as often at most, from all addresses together, in any case of letters', async t => {
  const email = 'Guessed@example.com'
  await behindProxy.signUp({ email })
  for (let i = 0; i < 3 * LIMIT; i++) t.equal((await logInFromElsewhere(i % 2 === 0 ? email : email.toUpperCase())).status, 401)
  const refused = await logInFromElsewhere(email.toLowerCase())
  matchError(t, refused, 'RATE_LIMITED', /^Too many logins for this account. Try again in [0-9]+ seconds\.$/)
  const seconds = Number(refused.headers.get('retry-after'))
  t.ok(seconds > 0 && seconds <= 60, 'a stranger shuts the owner out for a minute at most')
  t.equal((await logInFromElsewhere('somebody.else@example.com')).status, 401, 'nobody else is')
})

t.test('an account that does not exist is limited alike, so that nothing is told by it', async t => {
  for (let i = 0; i < 3 * LIMIT; i++) t.equal((await logInFromElsewhere('never.signed.up@example.com')).status, 401)
  const refused = await logInFromElsewhere('never.signed.up@example.com')
  matchError(t, refused, 'RATE_LIMITED', /^Too many logins for this account/)
  const known = await logInFromElsewhere('guessed@example.com')
  t.same([...known.headers.keys()], [...refused.headers.keys()])
})

t.test('guesses that come all at once are counted one by one', async t => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => logInFromElsewhere('at.once@example.com')))
  t.equal(answers.filter(({ status }) => status === 401).length, 3 * LIMIT)
})

t.test('one address alone cannot shut the owner out', async t => {
  const email = 'owner@example.com'
  await behindProxy.signUp({ email })
  for (let i = 0; i < 4 * LIMIT; i++) {
    await behindProxy.request('POST', '/api/login', { email, password: 'wrong password' }, { 'x-forwarded-for': '203.0.113.66' })
  }
  t.equal((await logInFromElsewhere(email, 'correct horse battery')).status, 200)
})

t.test('nothing else is limited: Stripe and monitors come as often as they like', async t => {
  for (let i = 0; i < 3 * LIMIT; i++) {
    t.equal((await direct.request('POST', '/webhooks/stripe')).status, 400)
    t.equal((await direct.request('GET', '/health/ready')).status, 200)
  }
})

t.test('0 turns both limits off', async t => {
  const unlimited = await startService(t, { ...shared, variables: { RATE_LIMIT_PER_MINUTE: '0' } })
  for (let i = 0; i < 25; i++) t.equal((await logIn(unlimited)).status, 401)
})
