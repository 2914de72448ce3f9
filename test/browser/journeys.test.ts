import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { signIn } from '../helpers/operator-page.js'
import { startSandbox } from '../helpers/sandbox.js'

t.setTimeout(180_000)

const sandbox = await startSandbox(t, { DELIVERY_RETRY_BASE_MS: '100', DELIVERY_RETRY_CAP_MS: '500' })
const { url, stripeUrl, affitorUrl } = sandbox
const browser = await startBrowser(t)

/** Somebody with a browser of their own, and what their page complained of. */
async function person () {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return { page, complaints: watchPage(page, url, stripeUrl, affitorUrl) }
}

async function signUp (page: Page, email: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
  await page.locator('input[type=password]:visible').fill('correct horse battery')
  await page.locator('#account').getByRole('button', { name: 'Sign up' }).click()
  await page.getByText(`Hello, ${email}`).waitFor()
}

async function buy (page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Buy now' }).click()
  await page.waitForURL(`${stripeUrl}/**`)
  await page.getByRole('button', { name: /^Pay \S*\d/ }).click()
  await page.getByRole('heading', { name: 'Payment received' }).waitFor()
}

/** The customer key of a visitor: whoever signed up last. */
async function newestCustomer (): Promise<string> {
  return (await sandbox.ledger()).filter(({ kind }) => kind === 'lead').at(-1)?.customerKey ?? ''
}

/** Waits until a customer's facts are these, each as `kind state`. */
async function become (customerKey: string, ...facts: string[]): Promise<void> {
  await eventually(`the customer's facts are ${facts.join(', ')}`, async () => {
    const ledger = (await sandbox.ledger()).filter(event => event.customerKey === customerKey)
    return ledger.map(({ kind, state }) => `${kind} ${state}`).join() === facts.join()
  })
}

const operator = await person()
await operator.page.goto(`${url}/operator`)
await signIn(operator.page, sandbox.adminToken)

/** Opens a customer's story on the operator page. */
async function openStory (customerKey: string): Promise<void> {
  await operator.page.locator('#search').fill(customerKey)
  await operator.page.getByRole('button', { name: 'Find' }).click()
  await operator.page.locator('.properties', { hasText: customerKey }).waitFor()
}

t.test('without a click: the purchase is told, and nobody earns anything', async t => {
  const { page, complaints } = await person()
  await page.goto(`${url}/`)
  await signUp(page, 'organic@example.com')
  await buy(page)
  const customer = await newestCustomer()
  await become(customer, 'lead unattributed', 'sale unattributed')
  await openStory(customer)
  await operator.page.getByText('Affitor knows no click for this customer: no partner brought them.').first().waitFor()
  t.same(complaints, [])
})

t.test('Affitor away during signup and back later: the visitor notices nothing, and the partner is paid', async t => {
  const { page, complaints } = await person()
  await page.goto(`${url}/?aff=TESTCODE`)
  await page.getByText('A partner brought you').waitFor()
  const control = await person()
  await control.page.goto(`${affitorUrl}/`)
  await control.page.getByRole('button', { name: 'Go away', exact: true }).click()
  await control.page.getByText('Affitor is away').first().waitFor()

  await signUp(page, 'early@example.com')
  await page.getByRole('button', { name: 'Buy now' }).waitFor()
  const customer = await newestCustomer()
  await become(customer, 'lead pending')
  await buy(page)
  await become(customer, 'lead pending', 'sale pending')
  await openStory(customer)
  await operator.page.getByText('no answer').filter({ visible: true }).first().waitFor()

  await control.page.getByRole('button', { name: 'Come back', exact: true }).click()
  await become(customer, 'lead delivered', 'sale delivered')
  await control.page.getByText('$9.80').first().waitFor()
  await operator.page.getByText('Delivered').first().waitFor()
  // The tracker could not be loaded on the pages that were opened while Affitor was away.
  t.same(complaints.filter(complaint => !/affitor-tracker|ERR_EMPTY_RESPONSE|ERR_CONNECTION/.test(complaint)), [])
})

t.test('a refund on Stripe\'s page takes the commission back, and the story says so', async t => {
  const { page, complaints } = await person()
  await page.goto(`${url}/?aff=TESTCODE`)
  await page.getByText('A partner brought you').waitFor()
  await signUp(page, 'regret@example.com')
  await buy(page)
  const customer = await newestCustomer()
  await become(customer, 'lead delivered', 'sale delivered')

  await page.goto(`${stripeUrl}/`)
  const payment = page.getByRole('region', { name: 'Payments', exact: true }).locator('.rows > li').filter({ hasText: 'regret@example.com' })
  await payment.getByRole('button', { name: 'Refund in full', exact: true }).click()
  await become(customer, 'lead delivered', 'sale delivered', 'refund delivered')
  await openStory(customer)
  await operator.page.getByText(/Full refund/).first().waitFor()
  t.same(complaints, [])
})

t.test('the operator page had nothing to complain of', async t => {
  t.same(operator.complaints, [])
})
