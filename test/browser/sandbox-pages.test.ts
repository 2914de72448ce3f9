import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import type { Test } from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { startSandbox } from '../helpers/sandbox.js'

t.setTimeout(180_000)

const sandbox = await startSandbox(t, { DELIVERY_RETRY_BASE_MS: '50', DELIVERY_RETRY_CAP_MS: '200' })
const browser = await startBrowser(t)
const { affitorUrl, call, stripeUrl, url } = sandbox

/** A customer whom a partner sent. */
interface Customer {
  email: string
  /** Goes to the checkout; resolves to the payment page's address. */
  order (priceId: string, mode: 'payment' | 'subscription'): Promise<string>
  /** Orders and pays over the control surface, for tests that are about what comes after it. */
  buy (...order: Parameters<Customer['order']>): Promise<void>
  facts (): Promise<TrackingEvent[]>
  /** Resolves when so many facts of a kind are in a state. */
  settled (kind: string, state: string, count: number): Promise<void>
}

async function signUp (email: string): Promise<Customer> {
  const { click_id: affitorClickId } = await call(`${affitorUrl}/api/v1/track/click`, { affiliate_url: `${url}/?aff=TESTCODE` })
  const { accessToken, userId } = await call(`${url}/api/signup`, { email, password: 'correct horse battery', affitorClickId })
  const facts = async (): Promise<TrackingEvent[]> => (await sandbox.ledger()).filter(({ customerKey }) => customerKey === userId)
  async function order (priceId: string, mode: 'payment' | 'subscription'): Promise<string> {
    const response = await fetch(`${url}/api/checkout`, {
      method: 'POST', body: JSON.stringify({ priceId, mode }), headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
    })
    return (await response.json() as { url: string }).url
  }
  return {
    email,
    facts,
    order,
    async buy (...what) { await pay(await order(...what)) },
    async settled (kind, state, count) {
      await eventually(`${count} times ${kind} ${state}`, async () =>
        (await facts()).filter(fact => fact.kind === kind && fact.state === state).length === count)
    }
  }
}

/** Pays what a payment page is for. */
async function pay (paymentPage: string): Promise<void> {
  await call(`${stripeUrl}/_sandbox/checkout/sessions/${paymentPage.split('/').pop()}/pay`, {})
}

/** A test on a page, which may complain of nothing. Without transitions, which an audit would see half way. */
function testPage (name: string, run: (t: Test, page: Page) => Promise<void>): void {
  void t.test(name, async t => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
    const complaints = watchPage(page, stripeUrl, affitorUrl)
    await run(t, page)
    t.same(complaints, [], 'the page has nothing to complain of')
    await page.close()
  })
}

/** What a section of the control page shows of a customer. */
function rowOf (page: Page, section: string, { email }: Customer): Locator {
  return page.getByRole('region', { name: section, exact: true }).locator('.rows > li').filter({ hasText: email })
}

/** Presses a button and waits for the sentence that says what came of it. */
async function press (page: Page, within: Page | Locator, name: string, outcome: RegExp): Promise<void> {
  await within.getByRole('button', { name, exact: true }).click()
  await page.getByRole('status').filter({ hasText: outcome }).waitFor()
}

testPage('the payment page takes a buyer on and back, without any script', async (t, page) => {
  const ada = await signUp('ada@example.com')
  const address = await ada.order('price_sandbox_monthly', 'subscription')
  await page.goto(address)
  await auditPage(t, page, 'payment page')

  const context = await browser.newContext({ javaScriptEnabled: false })
  const buyer = await context.newPage()
  await buyer.goto(address)
  await buyer.getByRole('button', { name: 'Cancel' }).click()
  t.equal(buyer.url(), `${url}/checkout/cancel`)
  await buyer.goto(address)
  await buyer.getByRole('button', { name: /^Pay \S*\d/ }).click()
  t.match(buyer.url(), `${url}/checkout/success?session_id=cs_test_`)
  await ada.settled('sale', 'delivered', 1)

  await context.close()

  await page.goto(address)
  await page.getByText('Paid: this Checkout Session is complete.').waitFor()
  t.equal(await page.getByRole('button').count(), 0, 'nobody pays twice')
})

testPage('a bank debit waits until it is let through on the control page', async (t, page) => {
  const linus = await signUp('linus@example.com')
  const buyer = await browser.newPage()
  await buyer.goto(await linus.order('price_sandbox_eur', 'payment'))
  await buyer.getByRole('button', { name: 'Pay later (bank debit)' }).click()
  t.match(buyer.url(), `${url}/checkout/success`)
  await buyer.close()

  await page.goto(`${stripeUrl}/`)
  const payment = rowOf(page, 'Payments', linus)
  await payment.getByText('Waiting for the bank').waitFor()
  t.same((await linus.facts()).map(({ kind }) => kind), ['lead'])
  await press(page, payment, 'Let the debit clear', /has cleared.*linus@example\.com.*answered 200/s)
  await linus.settled('sale', 'delivered', 1)
  t.equal(await payment.getByRole('button', { name: 'Let the debit clear' }).count(), 0, 'once')
})

testPage('what time does to a subscription becomes sales', async (t, page) => {
  const barbara = await signUp('barbara@example.com')
  await barbara.buy('price_sandbox_monthly', 'subscription')
  await page.goto(`${stripeUrl}/`)
  const subscription = rowOf(page, 'Subscriptions', barbara)
  await press(page, subscription, 'Renew', /paid for again.*invoice\.paid/s)
  await barbara.settled('sale', 'delivered', 2)
  await press(page, subscription, 'Upgrade', /\$1\d\d\.\d\d paid for it/)
  await barbara.settled('sale', 'delivered', 3)
  await press(page, subscription, 'Fail the renewal', /declined/)
  await subscription.getByText('Past due').waitFor()
  await press(page, subscription, 'Pay the open invoice', /invoice was paid/)
  await barbara.settled('sale', 'delivered', 4)
  await auditPage(t, page, 'control page of Stripe')

  await press(page, subscription, 'Cancel at period end', /will end with its period/)
  await press(page, subscription, 'Let the period end', /has ended/)
  await subscription.getByText('Cancelled').waitFor()
  t.equal(await subscription.getByRole('button').count(), 0)

  const before = await barbara.facts()
  await press(page, page, 'Resend the last event', /customer\.subscription\.deleted was sent again.*took it/s)
  const paid = page.getByRole('region', { name: 'Last events', exact: true }).getByRole('listitem').filter({ hasText: 'invoice.paid' }).first()
  await press(page, paid, 'Resend', /invoice\.paid was sent again.*answered 200/s)
  t.same(await barbara.facts(), before, 'nothing is told twice')
})

testPage('what buyers and banks do to payments becomes refunds', async (t, page) => {
  const [grace, edsger, donald] = [await signUp('grace@example.com'), await signUp('edsger@example.com'), await signUp('donald@example.com')]
  for (const customer of [grace, edsger, donald]) await customer.buy('price_sandbox_onetime', 'payment')
  await page.goto(`${stripeUrl}/`)
  await press(page, rowOf(page, 'Payments', grace), 'Refund in full', /refunded.*grace/)
  await grace.settled('refund', 'delivered', 1)

  const payment = rowOf(page, 'Payments', edsger)
  const amount = payment.getByLabel('Amount to refund in USD')
  for (const [typed, problem] of [['much', 'Enter an amount, at most $49.00.'], ['49.01', 'Only $49.00 can still be refunded.']] as const) {
    await amount.fill(typed)
    await payment.getByRole('button', { name: 'Refund in part' }).click()
    await payment.getByText(problem).waitFor()
  }
  await amount.fill('12.50')
  await press(page, payment, 'Start a pending refund', /\$12\.50 is on its way/)
  await press(page, payment, 'Refund succeeds', /took the refund/)
  await payment.getByText('Partly refunded').waitFor()
  await edsger.settled('refund', 'delivered', 1)
  t.match((await edsger.facts()).at(-1), { kind: 'refund', payload: { amountCents: 1250 } })

  await press(page, rowOf(page, 'Payments', donald), 'Dispute', /took the money back/)
  await press(page, rowOf(page, 'Payments', donald), 'Dispute lost', /lost the dispute/)
  await donald.settled('refund', 'delivered', 1)
})

testPage('the page keeps fresh without losing what is being typed; webhooks are held and released', async (t, page) => {
  const [margaret, alan] = [await signUp('margaret@example.com'), await signUp('alan@example.com')]
  await margaret.buy('price_sandbox_onetime', 'payment')
  await page.goto(`${stripeUrl}/`)
  const amount = rowOf(page, 'Payments', margaret).getByLabel('Amount to refund in USD')
  await amount.fill('1')
  await press(page, page, 'Hold webhooks', /held back/)
  await amount.focus()
  await alan.buy('price_sandbox_onetime', 'payment')
  await rowOf(page, 'Payments', alan).waitFor()
  await page.keyboard.type('2')
  t.equal(await amount.inputValue(), '12', 'neither the focus nor the text is lost')
  await alan.settled('lead', 'delivered', 1)
  t.same((await alan.facts()).map(({ kind }) => kind), ['lead'], 'the sale was not told yet')
  await press(page, page, 'Release webhooks', /sent at once again/)
  await alan.settled('sale', 'delivered', 1)
})

testPage('while Affitor is away facts wait, and they arrive when it comes back', async (t, page) => {
  const ken = await signUp('ken@example.com')
  const address = await ken.order('price_sandbox_onetime', 'payment')
  await ken.settled('lead', 'delivered', 1)
  await page.goto(`${affitorUrl}/`)
  await press(page, page, 'Go away', /cannot be reached/)
  await t.rejects(fetch(`${affitorUrl}/js/affitor-tracker.js`), 'the tracker script is gone too')
  await pay(address)
  await ken.settled('sale', 'pending', 1)
  await page.getByRole('region', { name: 'Last calls', exact: true }).getByText('No answer').first().waitFor()
  await auditPage(t, page, 'control page of Affitor')

  await press(page, page, 'Come back', /Affitor works/)
  await ken.settled('sale', 'delivered', 1)
  await page.getByRole('region', { name: 'Sales and commissions', exact: true }).getByText('$9.80').first().waitFor()
  t.equal(await page.getByRole('link', { name: 'Stripe stand-in' }).getAttribute('href'), stripeUrl)
})

testPage('the modes of Affitor reach our service as what they are called', async (t, page) => {
  await page.goto(`${affitorUrl}/`)
  for (const [name, status] of [['Fail with 500', 500], ['Fail after recording', 500], ['Rate limit', 429]] as const) {
    await press(page, page, name, new RegExp(String(status)))
    const response = await fetch(`${affitorUrl}/api/v1/track/click`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ affiliate_url: `${url}/?aff=TESTCODE` })
    })
    t.equal(response.status, status, name)
    t.equal(response.headers.get('retry-after'), status === 429 ? '10' : null)
  }
  for (const name of ['Refuse the key', 'Be slow', 'Come back']) {
    await page.getByRole('button', { name, exact: true }).click()
    await page.locator(`button[aria-pressed=true]:text-is("${name}")`).waitFor()
  }
})
