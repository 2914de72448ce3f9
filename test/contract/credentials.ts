import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { ADMIN_TOKEN, API_TOKEN, SESSION_SECRET } from '../helpers/service.js'

/** What a request proves, as headers; or how Stripe's signature is made once the body's bytes are there. */
export interface Credentials {
  headers: Record<string, string>
  sign?: { secret: string, ageSeconds: number, form: keyof typeof forms }
}

/** What is stored before the requests, and who may send them. */
export interface World {
  accessTokens: string[]
  webhookSecret: string
  /** By the name of a field or parameter. */
  known: Record<string, unknown[]>
  /** Stripe's events of this shop's past, as texts of JSON. */
  events: string[]
}

export const missing: Credentials = { headers: {} }

const bearer = (token: string): Credentials => ({ headers: { authorization: `Bearer ${token}` } })
const cookie = (token: string): Credentials => ({ headers: { cookie: `session=${token}` } })

/** Credentials by which the operation may be called. */
export function right (proofs: string[], world: World): fc.Arbitrary<Credentials> {
  const token = fc.constantFrom(...world.accessTokens)
  const byProof: Record<string, fc.Arbitrary<Credentials>> = {
    userToken: token.map(bearer),
    sessionCookie: token.map(cookie),
    operatorToken: fc.constant(bearer(ADMIN_TOKEN)),
    apiToken: fc.constant(bearer(API_TOKEN)),
    stripeSignature: fc.nat({ max: 290 }).map(ageSeconds => ({ headers: {}, sign: { secret: world.webhookSecret, ageSeconds, form: 'right' } }))
  }
  return proofs.length === 0 ? fc.constant(missing) : fc.oneof(...proofs.map(proof => pick(byProof, proof)))
}

/** Credentials that look right. */
export function wrong (proofs: string[], world: World): fc.Arbitrary<Credentials> {
  const [userToken = ''] = world.accessTokens
  const badTokens = [
    '', 'garbage', 'a.b.c', userToken.slice(0, -2), `${userToken}x`, jwt('another secret'), jwt(SESSION_SECRET, { exp: 1 }), jwt(SESSION_SECRET, {}, 'none'),
    jwt(SESSION_SECRET, { sub: 'nobody' }), jwt(SESSION_SECRET, { sub: null }), 'x'.repeat(4_000)
  ]
  const almost = (token: string, other: string) => fc.oneof(
    fc.constantFrom(...badTokens, userToken, other, token.slice(1), `${token}x`, token.toUpperCase()).map(bearer),
    fc.constantFrom(cookie(token), cookie(userToken), { headers: { authorization: token } }, { headers: { authorization: `Basic ${token}` } }))
  const byProof: Record<string, fc.Arbitrary<Credentials>> = {
    userToken: fc.oneof(fc.constantFrom(...badTokens, ADMIN_TOKEN).map(bearer), fc.constantFrom(`Basic ${userToken}`, userToken, 'Bearer').map(authorization => ({ headers: { authorization } }))),
    sessionCookie: fc.constantFrom(...badTokens, ADMIN_TOKEN).map(cookie),
    operatorToken: almost(ADMIN_TOKEN, API_TOKEN),
    apiToken: almost(API_TOKEN, ADMIN_TOKEN),
    stripeSignature: fc.oneof(
      fc.constantFrom('whsec_another', '', `${world.webhookSecret}x`).map(secret => ({ headers: {}, sign: { secret, ageSeconds: 0, form: 'right' as const } })),
      fc.integer({ min: 310, max: 1_000_000 }).map(ageSeconds => ({ headers: {}, sign: { secret: world.webhookSecret, ageSeconds, form: 'right' as const } })),
      fc.constantFrom(...WRONG_FORMS).map(form => ({ headers: {}, sign: { secret: world.webhookSecret, ageSeconds: 0, form } })),
      fc.constantFrom('', 'garbage', 't=1', 'v1=', 't=,v1=', '=', ',,,', 't=1,v1=0').map(header => ({ headers: { 'stripe-signature': header } })))
  }
  return fc.oneof(...proofs.map(proof => pick(byProof, proof)))
}

function pick (byProof: Record<string, fc.Arbitrary<Credentials>>, proof: string): fc.Arbitrary<Credentials> {
  const found = byProof[proof]
  if (found === undefined) throw new Error(`No credentials can be made for "${proof}"`)
  return found
}

const hmac = (secret: string, content: string | Buffer) => createHmac('sha256', secret).update(content).digest('hex')
const signed = (secret: string, time: number, body: Buffer) => hmac(secret, Buffer.concat([Buffer.from(`${time}.`), body]))

const forms = {
  right: (secret: string, time: number, body: Buffer) => `t=${time},v1=${signed(secret, time, body)}`,
  'of other bytes': (secret: string, time: number, body: Buffer) => `t=${time},v1=${signed(secret, time, Buffer.concat([body, Buffer.from(' ')]))}`,
  'of another time': (secret: string, time: number, body: Buffer) => `t=${time},v1=${signed(secret, time - 1, body)}`,
  'without the time': (secret: string, time: number, body: Buffer) => `v1=${signed(secret, time, body)}`,
  'of another version': (secret: string, time: number, body: Buffer) => `t=${time},v0=${signed(secret, time, body)}`,
  'cut short': (secret: string, time: number, body: Buffer) => `t=${time},v1=${signed(secret, time, body).slice(0, -1)}`
}
const WRONG_FORMS = (Object.keys(forms) as Array<keyof typeof forms>).filter(form => form !== 'right')

/** The headers that go out with these bytes. */
export function headersOf ({ headers, sign }: Credentials, body: Buffer): Record<string, string> {
  if (sign === undefined) return headers
  const time = Math.floor(Date.now() / 1000) - sign.ageSeconds
  return { ...headers, 'stripe-signature': forms[sign.form](sign.secret, time, body) }
}

function jwt (secret: string, claims: object = {}, alg = 'HS256'): string {
  const now = Math.floor(Date.now() / 1000)
  const text = [{ alg, typ: 'JWT' }, { sub: '00000000-0000-4000-8000-000000000000', iat: now, exp: now + 3600, ...claims }]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${alg === 'none' ? '' : createHmac('sha256', secret).update(text).digest('base64url')}`
}
