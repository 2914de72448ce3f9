import pg from 'pg'
import t from 'tap'
import Fastify from 'fastify'
import affitor, { createAffitor } from '../../src/index.js'
import type { AffitorPluginOptions } from '../../src/index.js'
import { hostOptions } from './host.js'

const NOWHERE = 'postgres://127.0.0.1:9/nowhere'
const account = hostOptions(NOWHERE).affitor

/** What registration says. */
async function refusal (options: Partial<AffitorPluginOptions>): Promise<string> {
  const app = Fastify()
  try {
    await app.register(affitor, hostOptions(NOWHERE, options))
    return 'taken'
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  } finally {
    await app.close().catch(() => {})
  }
}

const refused: Array<[what: string, options: Partial<AffitorPluginOptions>, sentence: RegExp]> = [
  ['no database', { database: undefined }, /^TypeError: database is missing\. Give your pg\.Pool, or a connection string/],
  ['an address that is none', { database: 'localhost/shop' }, /^TypeError: database is not a connection string\./],
  ['an address of PostgreSQL itself that is none', { directDatabase: 'localhost/shop' }, /^TypeError: directDatabase is not a connection string\./],
  ['a single client, which cannot run two transactions', { database: new pg.Client() as never }, /^TypeError: database is no pool of pg\./],
  ['no account', { affitor: undefined as never }, /^TypeError: affitor\.apiKey is missing\./],
  ['no key, as of a variable that is not set', { affitor: { ...account, apiKey: undefined } }, /^TypeError: affitor\.apiKey is missing\. It is the program's tracking key/],
  ['a key with a line break', { affitor: { ...account, apiKey: 'aff_x\n' } }, /^TypeError: affitor\.apiKey has a character that it cannot have/],
  ['a management key', { affitor: { ...account, apiKey: 'affk_secret' } }, /^TypeError: affitor\.apiKey is a management key \("affk_\.\.\."\), which tracking calls are answered 401 for/],
  ['no program', { affitor: { ...account, programId: undefined } }, /^TypeError: affitor\.programId is missing\./],
  ['a program that is a number', { affitor: { ...account, programId: 42 as never } }, /^TypeError: affitor\.programId must be a text\./],
  ['an address of Affitor that is none', { affitor: { ...account, apiUrl: 'affitor' } }, /^TypeError: affitor\.apiUrl must be an http or https address\./],
  ['live sales that are marked as tests', { livemode: true, affitor: { ...account, testMode: true } }, /real sales would earn no commission/],
  ['tests that are told as real', { affitor: { ...account, apiUrl: undefined, testMode: false } }, /test payments would earn real commissions/],
  ['two time-outs', { affitor: { ...account, timeoutMs: 100 }, delivery: { timeoutMs: 200 } }, /^TypeError: affitor\.timeoutMs and delivery\.timeoutMs are the same setting and differ/],
  ['a backoff that is over its cap', { delivery: { retryBaseMs: 20, retryCapMs: 10 } }, /^TypeError: delivery\.retryBaseMs is greater/],
  ['no calls at all', { delivery: { concurrency: 0 } }, /^TypeError: delivery\.concurrency must be a whole number from 1 on\./],
  ['days that are too few', { retentionDays: 7 }, /^TypeError: retentionDays must be 0 \(keep everything\) or at least 31/],
  ['a receiver of alerts that is no address', { alerts: { webhookUrl: 'sk_test_1' } }, /^TypeError: alerts\.webhookUrl must be an http or https address\./],
  ['a receiver of alerts with a password', { alerts: { webhookUrl: 'https://me:sk_test_1@hooks.example' } }, /^TypeError: alerts\.webhookUrl has a user name or a password/],
  ['a registry that is none', { metrics: { registry: {} as never } }, /^TypeError: metrics\.registry must be a registry of prom-client/],
  ['an amount that is none of both', { sales: { amount: 'net' as never } }, /^TypeError: sales\.amount must be one of: gross, net_of_tax\./],
  ['a webhook without a secret', { webhook: { secrets: undefined } }, /^TypeError: webhook\.secrets is missing\. It is the signing secret/],
  ['a webhook with an empty list', { webhook: { secrets: [] } }, /^TypeError: webhook\.secrets is empty\./],
  ['a webhook whose secrets are one text', { webhook: { secrets: ['whsec_1, whsec_2'] } }, /^TypeError: webhook\.secrets has a character that it cannot have/],
  ['an address of the webhook that is none', { webhook: { secrets: 'whsec_1', url: 'shop.example' } }, /^TypeError: webhook\.url must be the http or https address/],
  ['a webhook at an address', { webhook: { secrets: 'whsec_1', path: 'https://shop.example/hook' } }, /^TypeError: webhook\.path must be a path/],
  ['a webhook without Stripe', { stripe: undefined }, /^TypeError: stripe is missing\. Give your Stripe client/],
  ['a Stripe client that is a key', { stripe: 'sk_test_1' as never }, /^TypeError: stripe must be a client of the stripe package/],
  ['an operator whom anybody could be', { operator: {} }, /^TypeError: operator needs either onRequest, .+ or token/],
  ['an operator by two rules', { operator: { token: 'sixteen characters', onRequest: async () => {} } }, /^TypeError: operator needs either/],
  ['an operator\'s token that can be guessed', { operator: { token: 'admin' } }, /^TypeError: operator\.token must have at least 16 characters\./],
  ['an operator\'s hook that is not there yet', { operator: { onRequest: [undefined] as never } }, /^TypeError: operator\.onRequest must be a hook/],
  ['a page without a path', { operator: { token: 'sixteen-characters', pagePath: 'operator' } }, /^TypeError: operator\.pagePath must be a path/]
]

t.test('a missing or contradictory option is one sentence that names it, at registration', async t => {
  for (const [what, options, sentence] of refused) {
    const said = await refusal(options)
    t.match(said, sentence, what)
    t.notMatch(said, /\n/, 'one line')
    t.notMatch(said, /secret\b.*affk_secret|sk_test_1|aff_x/, 'no secret')
  }
})

t.test('what is wrong with a fact is thrown at once, in one sentence', async t => {
  const { trackLead, trackSale, trackRefund, withAttribution, attributionMetadata, receiveStripeEvent, close } = createAffitor(hostOptions(NOWHERE))
  const sale = { customerExternalId: 'user_1', amount: 1900, invoiceId: 'order_1' }
  const wrong: Array<[() => unknown, string]> = [
    [() => trackLead({} as never), 'customerExternalId is missing. It is your own id of the user, as a text.'],
    [() => trackLead({ customerExternalId: 7 as never }), 'customerExternalId must be a text, not a number.'],
    [() => trackLead({ customerExternalId: 'x'.repeat(201) }), 'customerExternalId must have at most 200 characters.'],
    [() => trackLead({ customerExternalId: 'a\u0000' }), 'customerExternalId must not contain a NUL character, nor half of a surrogate pair.'],
    [() => trackLead({ customerExternalId: 'a', clickId: 'c'.repeat(256) }), 'clickId must have at most 255 characters.'],
    [() => trackLead({ customerExternalId: 'a' }, { db: {} as never }), 'db must run statements: a pg client, or fromDrizzle(tx, sql), fromPrisma(tx), fromKnex(trx), fromKysely(trx).'],
    [() => trackSale({ ...sale, amount: 19.5 }), 'amount must be a whole number above 0, in the currency\'s smallest unit (cents).'],
    [() => trackSale({ ...sale, amount: '1900' as never }), 'amount must be a whole number above 0, in the currency\'s smallest unit (cents).'],
    [() => trackSale({ ...sale, invoiceId: '' }), 'invoiceId is missing. It is your unique id of the payment.'],
    [() => trackSale({ ...sale, occurredAt: 'today' as never }), 'occurredAt must be a Date.'],
    [() => trackLead(undefined as never), 'The fact is missing: give an object.'],
    [() => trackSale({ ...sale, additionalData: { test_mode: true } } as never), 'additionalData is not taken. Calls are marked as tests by the option affitor.testMode, for all of them.'],
    [() => trackLead({ customerExternalId: 'a', eventName: 'Joined' } as never), 'eventName is not taken. It is a label that Affitor decides nothing by. Leave it out.'],
    [() => trackLead({ customerExternalId: 'a', click_id: 'c' } as never), 'click_id is not taken. The fields are customerExternalId, email, clickId.'],
    [() => trackRefund({ invoiceId: 'order_1', refundAmountCents: -1 }), 'refundAmountCents must be a whole number above 0, in the currency\'s smallest unit (cents).'],
    [() => trackRefund({ invoiceId: undefined as never }), 'invoiceId is missing. It is that of the sale.'],
    [() => attributionMetadata({ customerExternalId: null as never }), 'customerExternalId is missing. It is your own id of the user, as a text.'],
    [() => withAttribution({ mode: 'payment' }, {} as never), 'customerExternalId is missing. It is your own id of the user, as a text.'],
    [() => receiveStripeEvent({ object: 'v2.core.event' } as never), 'It is no snapshot event of Stripe: "object": "event" with id, type, created, livemode and data.object.']
  ]
  for (const [call, message] of wrong) t.throws(call, { name: 'TypeError', message })
  await close()
})

t.test('the click id is the body\'s, else the tracker\'s cookie; what cannot be one counts as none', async t => {
  const { clickId, close } = createAffitor(hostOptions(NOWHERE))
  const cookie = 'theme=dark; affitor_click_id=cust_1_2; other="x"'
  t.equal(clickId({ body: { affitorClickId: 'cust_9' }, headers: { cookie } }), 'cust_9')
  t.equal(clickId({ body: { affitorClickId: '' }, headers: { cookie } }), 'cust_1_2')
  t.equal(clickId({ body: { affitorClickId: { $gt: '' } }, headers: { cookie } }), 'cust_1_2')
  t.equal(clickId({ body: null, headers: { cookie: 'affitor_click_id=cust%201' } }), 'cust 1')
  t.equal(clickId({ headers: { cookie: `affitor_click_id=${'c'.repeat(256)}` } }), undefined)
  t.equal(clickId({ headers: { cookie: 'affitor_click_id=' } }), undefined)
  t.equal(clickId({ headers: {} }), undefined)
  await close()
})

t.test('attribution is merged into a session\'s parameters: the app\'s own stay, and Stripe takes the result', async t => {
  const { withAttribution, attributionMetadata, close } = createAffitor(hostOptions(NOWHERE))
  const customer = { customerExternalId: 'user_1', clickId: 'cust_1' }
  const ours = { affitor_customer_key: 'user_1', program_id: '42', affitor_click_id: 'cust_1' }
  t.same(attributionMetadata(customer), ours)
  t.same(attributionMetadata({ customerExternalId: 'user_1', clickId: null }), { affitor_customer_key: 'user_1', program_id: '42' }, 'a missing click is left out')
  const params = { mode: 'subscription' as const, metadata: { plan: 'pro' }, subscription_data: { trial_period_days: 7, metadata: { seat: '1' } } }
  const before = structuredClone(params)
  t.same(withAttribution(params, customer), {
    mode: 'subscription', metadata: { plan: 'pro', ...ours }, subscription_data: { trial_period_days: 7, metadata: { seat: '1', ...ours } }
  })
  t.same(params, before, 'what was given is not changed')
  t.same(withAttribution({ mode: 'payment', payment_intent_data: { capture_method: 'manual' } }, customer), {
    mode: 'payment', metadata: ours, payment_intent_data: { capture_method: 'manual', metadata: ours }
  })
  t.same(withAttribution({ mode: 'setup' }, customer), { mode: 'setup', metadata: ours })
  await close()
})
