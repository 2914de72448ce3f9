import Stripe from 'stripe'
import t from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { unreachable } from '../../src/checks/unreachable.js'
import { webhookChecks } from '../../src/checks/webhook.js'
import { fails, findings, passes, skips } from '../helpers/checks.js'
import { serve } from '../helpers/serve.js'
import type { Received, Served } from '../helpers/serve.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const SECRET = 'whsec_the_secret_of_the_endpoint'
const OTHER = 'whsec_another_secret'
const TAKEN: Served = { status: 200, body: '{"received":true}' }
const ALTERED = passes('An event of which one byte was altered was answered 400.')
const NOT_ARRIVED = skips('Not asked: the signed event did not arrive.')
const SHOWS_NOTHING = skips('It would show nothing: the signed event is refused too.')

const check = async (url: string | undefined, secrets = [SECRET]) => await findings(webhookChecks({ url, secrets }))

/** A webhook as Stripe's own examples have it. */
function handler (secret: string, bodyOf = ({ body }: Received): string => body.toString()) {
  return (request: Received): Served => {
    try {
      Stripe.webhooks.constructEvent(bodyOf(request), request.headers['stripe-signature'] ?? '', secret)
      return TAKEN
    } catch (error) {
      return { status: 400, body: `Webhook Error: ${(error as Error).message.trim()}` }
    }
  }
}

const answering = async (t: Parameters<typeof serve>[0], answer: Served) => await check(`${await serve(t, () => answer)}/webhooks/stripe`)

const service = await startService(t)
const { webhookSecret } = service.stripe
const webhook = `${service.url}/webhooks/stripe`

t.test('our own webhook passes, and stores nothing of it', async t => {
  t.same(await check(webhook, [webhookSecret]), { 'webhook-signed': passes('A signed event was answered 200.'), 'webhook-altered': ALTERED })
  t.same(await query(service.connectionString, 'select 1 from stripe_events'), [])
})

t.test('without an address or a secret nothing is asked', async t => {
  t.same(await check(undefined), {
    'webhook-signed': skips('The webhook\'s address is not known: give --url, or set PUBLIC_URL (option webhook.url).'),
    'webhook-altered': skips('The webhook\'s address is not known: give --url, or set PUBLIC_URL (option webhook.url).')
  })
  t.match(await check(webhook, []), { 'webhook-signed': skips('STRIPE_WEBHOOK_SECRET is not set.') })
  t.match(await check('ftp://example.com'), { 'webhook-signed': skips('"ftp://example.com" is no http or https address.') })
})

t.test('a wrong secret is told, by our own webhook and by others', async t => {
  const fix = 'Copy the endpoint\'s signing secret (whsec_…) from Stripe\'s Workbench, under Webhooks, into STRIPE_WEBHOOK_SECRET, here and for the app that answers. ' +
    'If it is the same already, the body is altered on its way: hand the raw body to the check.'
  for (const url of [webhook, await serve(t, handler(OTHER))]) {
    const found = await check(url)
    t.match(found['webhook-signed']?.message, /^A signed event was answered 400: the secret is not that of the app that answers \("Webhook Error: No signatures found matching the expected signature for payload\./)
    t.match(found, { 'webhook-signed': { status: 'fail', fix }, 'webhook-altered': SHOWS_NOTHING })
    t.notMatch(JSON.stringify(found), SECRET)
  }
})

t.test('a body that is parsed and written anew is told apart from a wrong secret', async t => {
  const url = await serve(t, handler(SECRET, ({ body }) => JSON.stringify(JSON.parse(body.toString()))))
  t.same(await check(url), {
    'webhook-signed': fails('The body is altered on its way to the signature\'s check: an event is refused as Stripe writes it, and taken once its JSON is as JSON.stringify writes it.',
      'Hand the raw body to the check. Take the webhook out of body parsers such as express.json(), and of proxies that write JSON anew.'),
    'webhook-altered': SHOWS_NOTHING
  })
})

t.test('while secrets rotate, each is tried', async t => {
  const url = await serve(t, handler(SECRET))
  t.same((await check(url, [SECRET, OTHER]))['webhook-signed'],
    passes('A signed event was answered 200. Another secret of STRIPE_WEBHOOK_SECRET is refused: the app that answers does not have it.'))
  t.same((await check(url, [SECRET, OTHER, 'whsec_third']))['webhook-signed'],
    passes('A signed event was answered 200. 2 other secrets of STRIPE_WEBHOOK_SECRET are refused: the app that answers does not have them.'))
  t.same((await check(url, [OTHER, SECRET]))['webhook-signed'],
    fails('The first secret of STRIPE_WEBHOOK_SECRET is refused, and a later one is taken: the app that answers has only the old one.',
      'Give STRIPE_WEBHOOK_SECRET with both to the app that answers, and restart it.'))
})

t.test('signatures that are not checked are found', async t => {
  t.same(await answering(t, TAKEN), {
    'webhook-signed': passes('A signed event was answered 200.'),
    'webhook-altered': fails('An event of which one byte was altered was answered 200: signatures are not checked.',
      'Check each event\'s signature before anything else: anybody can send made-up payments to this address.')
  })
})

t.test('a webhook that fails on a wrong signature is found', async t => {
  const verified = handler(SECRET)
  const url = await serve(t, request => verified(request).status === 200 ? TAKEN : { status: 500 })
  t.same((await check(url))['webhook-altered'], fails('An event of which one byte was altered was answered 500, and not 400.',
    'Answer 400 to what has a wrong signature; the app\'s log says why it failed.'))
})

t.test('a signature that is refused for its age is the clock\'s', async t => {
  const url = await serve(t, () => ({ status: 400, body: '{"statusCode":400,"code":"INVALID_SIGNATURE","message":"Webhook Error: Timestamp outside the tolerance zone"}' }))
  t.same((await check(url))['webhook-signed'], fails('A signed event was answered 400: its signature is not of now, so the clock there or here is wrong.',
    'Let both machines keep their clock by NTP.'))
})

t.test('a proxy that drops the signature is found', async t => {
  const target = webhook
  const url = await serve(t, async ({ body }) => {
    const answer = await fetch(target, { method: 'POST', body: new Uint8Array(body) })
    return { status: answer.status, body: await answer.text() }
  })
  t.same((await check(url, [webhookSecret]))['webhook-signed'], fails('A signed event was answered 400: its Stripe-Signature header did not arrive.',
    'Let the proxy before the app pass the Stripe-Signature header on.'))
})

t.test('what large events meet is found', async t => {
  const url = await serve(t, request => request.body.length > 100_000 ? { status: 413 } : handler(SECRET)(request))
  t.same(await check(url), {
    'webhook-signed': fails('A small event is answered 200, and one of 200 KB 413.',
      'Allow bodies of 1 MB at the webhook, in the app and in what is before it: events with many lines reach hundreds of kilobytes.'),
    'webhook-altered': ALTERED
  })
})

for (const [answer, message, fix] of [
  [{ status: 301, headers: { location: 'https://www.example.com/webhooks/stripe' } },
    'A signed event was answered 301, a redirect to https://www.example.com/webhooks/stripe. Stripe follows none.',
    'Give Stripe the address that the redirect leads to, or answer at this one.'],
  [{ status: 308 },
    'A signed event was answered 308, a redirect. Stripe follows none.',
    'Give Stripe the address that the redirect leads to, or answer at this one.'],
  [{ status: 401 },
    'A signed event was answered 401: something before the webhook asks who is calling.',
    'Let POST /webhooks/stripe pass without a login, in the app\'s hooks, the proxy and the firewall: its signature says who calls.'],
  [{ status: 403 },
    'A signed event was answered 403: something before the webhook asks who is calling.',
    'Let POST /webhooks/stripe pass without a login, in the app\'s hooks, the proxy and the firewall: its signature says who calls.'],
  [{ status: 404 },
    'A signed event was answered 404: there is no webhook at /webhooks/stripe.',
    'Give the address with the webhook\'s path (/webhooks/stripe unless the app says otherwise), and look whether the app that runs has it.'],
  [{ status: 405 },
    'A signed event was answered 405: there is no webhook at /webhooks/stripe.',
    'Give the address with the webhook\'s path (/webhooks/stripe unless the app says otherwise), and look whether the app that runs has it.'],
  [{ status: 413 },
    'A signed event was answered 413: the body is taken for too large.',
    'Allow bodies of 1 MB at the webhook, in the app and in what is before it: events with many lines reach hundreds of kilobytes.'],
  [{ status: 429 },
    'A signed event was answered 429: something limits how often the webhook is called.',
    'Take POST /webhooks/stripe out of the rate limit: Stripe sends hundreds of events a minute.'],
  [{ status: 503 },
    'A signed event was answered 503: the app, or what is before it, failed.',
    'Look into the app\'s log. 502 to 504 say that the app does not answer its proxy; 503 may say that its database is away.'],
  [{ status: 418 },
    'A signed event was answered 418, which is not 200.',
    'Look whether this address is the webhook\'s, and into its log.']
] as const) {
  t.test(`an answer of ${answer.status} is explained`, async t => {
    t.same(await answering(t, answer), { 'webhook-signed': fails(message, fix), 'webhook-altered': NOT_ARRIVED })
  })
}

t.test('a 400 that is not about the signature is told as it is', async t => {
  t.same(await answering(t, { status: 400, body: '{"error":"tenant is missing"}' }), {
    'webhook-signed': fails('A signed event was answered 400, and not for its signature: "tenant is missing".', 'Look whether this address is the webhook\'s, and into its log.'),
    'webhook-altered': SHOWS_NOTHING
  })
  t.same((await answering(t, { status: 400, body: '<html><h1>Bad request</h1>' }))['webhook-signed'],
    fails('A signed event was answered 400, and not for its signature.', 'Look whether this address is the webhook\'s, and into its log.'))
})

t.test('what does not answer is told apart', async t => {
  const [port] = await freePorts(1)
  t.same(await check(`http://127.0.0.1:${port}/webhooks/stripe`), {
    'webhook-signed': fails(`http://127.0.0.1:${port} takes no connections.`, 'Start what listens there, or mend the address or the port.'),
    'webhook-altered': NOT_ARRIVED
  })
  t.same((await check('http://nowhere.invalid/webhooks/stripe'))['webhook-signed']?.fix?.startsWith('Look at the'), true)

  const dropping = await serve(t, (_request, response) => {
    response.destroy()
    return undefined
  })
  t.same((await check(dropping))['webhook-signed'],
    fails(`${dropping} ended the connection without an answer.`, 'Look into the log of what listens there, or of the proxy before it.'))

  const silent = await serve(t, () => undefined)
  t.same((await findings(webhookChecks({ url: silent, secrets: [SECRET] }), 300))['webhook-signed'],
    fails('There was no answer within 0.3 s.', 'Look whether the address is right and reachable from here, and run this again.'))
})

t.test('TLS that fails is told with its reason', async t => {
  const plain = (await serve(t, () => TAKEN)).replace('http:', 'https:')
  t.match((await check(plain))['webhook-signed'], {
    status: 'fail', message: new RegExp(`^${plain} does not speak TLS as it should \\(`), fix: 'Look at the certificate and at the port: an https address needs TLS there.'
  })
  const failure = (code: string) => unreachable(new TypeError('fetch failed', { cause: Object.assign(new Error('tls'), { code }) }), 'https://api.example.com/webhooks/stripe?token=1')
  t.same(failure('CERT_HAS_EXPIRED'), { message: 'https://api.example.com has a TLS certificate that has expired.', fix: 'Renew the certificate.' })
  t.same(failure('DEPTH_ZERO_SELF_SIGNED_CERT'), { message: 'https://api.example.com has a self-signed TLS certificate.', fix: 'Install a certificate of a public authority.' })
  t.same(failure('ERR_TLS_CERT_ALTNAME_INVALID'), { message: 'https://api.example.com has a TLS certificate of another name.', fix: 'Install a certificate for this name.' })
  t.same(failure('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), {
    message: 'https://api.example.com leaves out the intermediate TLS certificate.', fix: 'Serve the whole chain of certificates ("fullchain").'
  })
})
