import { createServer } from 'node:http'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import t from 'tap'
import { stripeConfig } from '../../sandbox/stand-ins.js'
import { serializeError } from '../../src/log-errors.js'
import { STRIPE_API_VERSION } from '../../src/stripe/api-version.js'
import { stripeLookups } from '../../src/stripe/lookups.js'
import type { StripeLookups } from '../../src/stripe/lookups.js'
import { reconcile } from '../../src/stripe/reconcile.js'
import { verifyEvent } from '../../src/stripe/verify-event.js'
import { startStripe } from '../helpers/stripe.js'

// An app's stripe package is another copy than ours: another version, or the same one by `require`.
const Required = createRequire(import.meta.url)('stripe') as typeof Stripe

t.test('the version that is asked is that of the package whose types are used', async t => {
  t.equal(STRIPE_API_VERSION, Stripe.API_VERSION)
})

t.test('everything is asked of one version of the API, further pages too, whichever the app\'s client pins', async t => {
  const seen: Array<{ url: string, version: unknown, account: unknown }> = []
  const server = createServer((request, response) => {
    const { url = '', headers } = request
    seen.push({ url, version: headers['stripe-version'], account: headers['stripe-account'] })
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'one', created: 0, payment: {} }], has_more: !url.includes('starting_after') }))
  }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const config = { ...stripeConfig(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), apiVersion: '2020-08-27' as typeof Stripe.API_VERSION }
  const client = new Stripe('sk_test_of_an_old_app', config)

  const lookups = stripeLookups(client, 'acct_connected')
  for (const name of Object.keys(lookups) as Array<keyof StripeLookups>) await lookups[name]('id_1')
  const asked = seen.length
  t.ok(asked > Object.keys(lookups).length, 'some are asked for a second page')
  t.ok(seen.every(({ account }) => account === 'acct_connected'))
  await reconcile(client, { since: new Date(), onlyUndelivered: false, store: async () => true, onProgress () {} })
  t.equal(seen.length, asked + 2)
  t.same(seen.filter(({ version }) => version !== STRIPE_API_VERSION), [])
})

t.test('errors of another copy of the package are known', async t => {
  t.not(Required.errors.StripeError, Stripe.errors.StripeError, 'it is another copy')
  const { url, secretKey } = await startStripe(t)
  const client = new Required(secretKey, stripeConfig(url))
  const lookups = stripeLookups(client)
  t.equal(await lookups.charge('ch_missing'), undefined)
  t.equal(await lookups.invoiceOfPaymentIntent('pi_missing'), undefined)
  t.throws(() => verifyEvent(client, Buffer.from('{}'), 't=1,v1=00', ['whsec_1']), { code: 'INVALID_SIGNATURE', message: /signature/i })
  const error = new Required.errors.StripeInvalidRequestError({ message: 'No such customer: ann@example.com' } as Stripe.StripeRawError)
  t.match(serializeError(error), { type: 'StripeInvalidRequestError', message: 'see the request at Stripe' })
})
