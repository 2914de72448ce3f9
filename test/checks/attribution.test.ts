import t from 'tap'
import type { Test } from 'tap'
import { attributionChecks, signsOf } from '../../src/checks/attribution.js'
import { findings, skips } from '../helpers/checks.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestEvent, TestLedger } from '../helpers/ledger.js'

const check = async (ledger: TestLedger | undefined, clicks: number | null = null) =>
  await findings(attributionChecks({ readSigns: ledger && signsOf(ledger.db), readClicks: async () => clicks }))

const people = (count: number) => Array.from({ length: count }, (_, index) => `user_${index}`)
const lead = (customerKey: string, clickId?: string): TestEvent => ({
  kind: 'lead', customerKey, transactionId: customerKey, payload: { v: 1, ...(clickId !== undefined && { clickId }) }
})
const sale = (customerKey: string, more: object = {}): TestEvent => ({
  customerKey, payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false, ...more }
})

async function shop (t: Test, ...events: TestEvent[]): Promise<TestLedger> {
  const ledger = await openLedger(t)
  if (events.length > 0) await ledger.add(...events)
  return ledger
}

/** Stores first invoices of subscriptions, read for the reason. */
async function subscribed (ledger: TestLedger, count: number, reason: string | null): Promise<void> {
  await ledger.query(`
    insert into stripe_events (id, type, livemode, created, payload, state, reason)
    select 'evt_' || coalesce($2, 'sale') || n, 'invoice.paid', true, now(), $3, case when $2::text is null then 'interpreted' else 'ignored' end, $2
    from generate_series(1, $1::int) n`, [count, reason, JSON.stringify({ data: { object: { billing_reason: 'subscription_create' } } }, null, 2)])
}

t.test('a shop in which nothing has happened shows nothing', async t => {
  t.match(await check(await shop(t)), {
    'signups-with-click': skips('Nobody has signed up yet.'),
    'sale-key-is-lead-key': skips('Nobody has paid yet.'),
    'subscription-metadata': skips('No subscription has begun in 30 days.'),
    renewals: skips('No monthly subscription is old enough to have been renewed.')
  })
  t.match(await check(undefined), { renewals: skips('The ledger cannot be read.') })
})

t.test('a shop that is wired right is told so', async t => {
  const ledger = await shop(t, ...people(4).map((person, index) => lead(person, index === 0 ? 'cust_42_1' : undefined)), sale('user_0'), sale('user_1', { isRecurring: true }))
  await subscribed(ledger, 2, null)
  t.match(await check(ledger), {
    'signups-with-click': { status: 'pass', message: '1 of the last 4 signups came with a click.' },
    'sale-key-is-lead-key': { status: 'pass', message: 'Each of the last 2 customers who paid has a lead under the same key.' },
    'subscription-metadata': { status: 'pass', message: 'Each of the 2 subscriptions that began in 30 days told who subscribed.' },
    renewals: { status: 'pass', message: 'Renewals are seen: 1 among the newest facts.' }
  })
})

t.test('no click among signups while clicks arrive: the click id is not forwarded', async t => {
  const ledger = await shop(t, ...people(5).map(person => lead(person)))
  t.match((await check(ledger, 412))['signups-with-click'], {
    status: 'fail',
    message: 'None of the last 5 signups came with a click, while Affitor has seen 412 clicks in 24 hours: the click id is not forwarded.',
    fix: 'Let the signup form send window.affitor.getClickId() to your backend, and the backend give it as clickId with the lead; ' +
      'or let browsers send the cookie affitor_click_id along. `verify --page` looks at the form.'
  })
  t.match((await check(ledger, 0))['signups-with-click'], skips('None of the last 5 signups came with a click, and Affitor has seen no click in 24 hours.'))
  t.match((await check(ledger, null))['signups-with-click'], skips('None of the last 5 signups came with a click, and how many clicks there are Affitor does not tell.'))
  t.match((await check(await shop(t, lead('ada')), 3))['signups-with-click'], { status: 'skip', message: 'None of the last 1 signups came with a click, which may be chance: Affitor has seen 3 clicks in 24 hours.' })
})

t.test('sales under another key than the leads are told, and what kind of key it is', async t => {
  const fix = 'Use one key for a customer everywhere, your own user id: as customerKey of the lead, and in the metadata that withAttribution (or attributionMetadata) plants at checkout. ' +
    'Report the leads of who signed up earlier by trackLead or POST /api/leads.'
  t.match((await check(await shop(t, lead('user_1'), sale('cus_9s6XKzkNRiz8i3'), sale('ada@example.com'), sale('user_1'))))['sale-key-is-lead-key'], {
    status: 'fail',
    message: '2 of the last 3 customers who paid have no lead under the key of their sale, 1 of these keys are ids of Stripe customers, 1 are e-mail addresses.',
    fix
  })
  t.match((await check(await shop(t, ...people(6).map(person => sale(person)))))['sale-key-is-lead-key'], {
    status: 'fail', message: '6 of the last 6 customers who paid have no lead under the key of their sale.', fix
  })
  t.match((await check(await shop(t, ...people(6).map(person => lead(person)), ...people(7).map(person => sale(person)))))['sale-key-is-lead-key'], {
    status: 'pass', message: '1 of the last 7 customers who paid have no lead under the key of their sale: as it is with who signed up before there were leads.'
  })
})

t.test('new subscriptions without metadata are told, one of something else is not', async t => {
  const ledger = await shop(t)
  await subscribed(ledger, 3, 'no_customer')
  t.match((await check(ledger))['subscription-metadata'], {
    status: 'fail',
    message: '3 of the 3 subscriptions that began in 30 days told nobody who subscribed: no sale and no renewal of them is counted.',
    fix: 'Plant the metadata in subscription_data.metadata too, as withAttribution does: renewals carry only that of the subscription. ' +
      'For subscriptions that exist, set their metadata at Stripe to what attributionMetadata returns.'
  })
  await subscribed(ledger, 4, null)
  t.match((await check(ledger))['subscription-metadata'], {
    status: 'pass', message: '3 of the 7 subscriptions that began in 30 days told nobody who subscribed: as it is with those that something else sells by the same Stripe account.'
  })
})

t.test('renewals that never come are told once several should have', async t => {
  const ledger = await shop(t, ...people(5).flatMap(person => [lead(person), sale(person, { saleType: 'subscription', subscriptionInterval: 'monthly' })]))
  await ledger.query("update tracking_events set occurred_at = now() - interval '40 days'")
  t.match((await check(ledger)).renewals, {
    status: 'fail',
    message: 'No renewal has been seen, though 5 monthly subscriptions began over 35 days ago.',
    fix: 'Let Stripe send invoice.paid to the webhook endpoint (`npx fastify-affitor setup` adds what is missing), and see that subscriptions carry the metadata.'
  })
  await ledger.query("update tracking_events set occurred_at = now() where customer_key <> 'user_0'")
  t.match((await check(ledger)).renewals, skips('No renewal has been seen, of 1 monthly subscription that is old enough; they may have been cancelled.'))
})
