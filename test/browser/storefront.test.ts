import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { startSandbox } from '../helpers/sandbox.js'

const PASSWORD = 'correct horse battery'
const PAY = /^Pay \S*\d/

interface AffitorState { clicks: unknown[], commissions: unknown[] }

t.setTimeout(120_000)
const sandbox = await startSandbox(t)
const browser = await startBrowser(t)

/** A visitor who was never here before. */
const visitor = async (): Promise<Page> => await (await browser.newContext()).newPage()

/** That of the form which is shown. */
const emailField = (page: Page) => page.getByRole('textbox', { name: 'E-mail' })

async function fillIn (page: Page, email: string, password = PASSWORD, button = 'Sign up'): Promise<void> {
  await emailField(page).fill(email)
  await page.locator('input[type=password]:visible').fill(password)
  await page.locator('#account').getByRole('button', { name: button }).click()
}

/** Waits until the ledger's facts are these, each as `kind state`. */
async function ledgerBecomes (...facts: string[]): Promise<void> {
  await eventually(`the ledger has ${facts.join(', ')}`, async () => {
    const ledger = await sandbox.ledger()
    return ledger.map(({ kind, state }) => `${kind} ${state}`).join() === facts.join()
  })
}

const focusedId = (page: Page) => page.evaluate<string>('document.activeElement.id')

t.test('from a partner\'s link to the partner\'s commission', async t => {
  const page = await visitor()
  const complaints = watchPage(page, sandbox.url, sandbox.affitorUrl, sandbox.stripeUrl)

  await page.goto(`${sandbox.url}/`)
  await auditPage(t, page, 'the front page')
  await page.getByRole('link', { name: 'Come through a partner’s link' }).click()
  await page.getByText('A partner brought you').waitFor()

  await page.getByRole('button', { name: 'Buy now: Lifetime licence' }).click()
  t.equal(await focusedId(page), 'signup-email', 'who has no account is led to the form')
  t.match(await page.locator('#reason').innerText(), /Lifetime licence needs an account/)
  await auditPage(t, page, 'asked for an account')

  await fillIn(page, 'ada@example.com')
  await page.waitForURL(`${sandbox.stripeUrl}/**`)
  await page.getByRole('button', { name: PAY }).click()
  await page.getByRole('heading', { name: 'Payment received' }).waitFor()
  t.notMatch(await page.content(), 'ada@example.com')
  await auditPage(t, page, 'the page after paying')
  t.equal(await page.getByRole('link', { name: 'See what the partner earned' }).getAttribute('href'), '/operator')

  await ledgerBecomes('lead delivered', 'sale delivered')
  const { clicks, commissions } = await sandbox.call<AffitorState>(`${sandbox.affitorUrl}/_sandbox/state`)
  t.equal(clicks.length, 1)
  t.match(commissions, [{ amountCents: 980, currency: 'USD' }], 'a fifth of the price')

  await page.getByRole('link', { name: 'Back to the store' }).click()
  await page.getByText('Hello, ada@example.com').waitFor()
  await auditPage(t, page, 'signed in')

  await page.goto(`${sandbox.url}/checkout/cancel`)
  await auditPage(t, page, 'turned back')
  t.same(complaints, [])
})

t.test('a click that comes before the page\'s script is not lost: buttons wait for it', async t => {
  const page = await visitor()
  await page.route('**/assets/storefront/home.js', async route => {
    await delay(1_000)
    await route.continue()
  })
  await page.goto(sandbox.url, { waitUntil: 'commit' })
  await page.getByRole('button', { name: 'Buy now: Lifetime licence' }).click()
  t.equal(await focusedId(page), 'signup-email')
})

t.test('a click that Affitor takes long to record is shown once it is known', async t => {
  const page = await visitor()
  await page.route('**/api/v1/track/click', async route => {
    await delay(12_000)
    await route.continue()
  })
  await page.goto(`${sandbox.url}/?aff=TESTCODE`)
  await page.getByText('A partner brought you').waitFor()
  t.match(await page.evaluate('document.cookie'), /affitor_click_id=/)
})

t.test('without the tracker people sign up and buy', async () => {
  const page = await visitor()
  await page.route(`${sandbox.affitorUrl}/**`, route => route.abort())
  await page.goto(`${sandbox.url}/?aff=TESTCODE`)
  await fillIn(page, 'grace@example.com')
  await page.getByText('Hello, grace@example.com').waitFor()
  await page.getByRole('button', { name: 'Subscribe: Pro plan' }).click()
  await page.waitForURL(`${sandbox.stripeUrl}/**`)
  await page.getByRole('button', { name: /pay \S*\d/i }).click()
  await page.getByRole('heading', { name: 'Payment received' }).waitFor()
  await eventually('their sale is in the ledger', async () => (await sandbox.ledger()).filter(({ kind }) => kind === 'sale').length > 1)
})

t.test('what goes wrong is said where it can be mended', async t => {
  const page = await visitor()
  await page.goto(sandbox.url)
  const account = page.locator('#account')
  const problem = (form: string) => page.locator(`#${form}-problem`)

  await t.test('an e-mail that the API does not take', async t => {
    await fillIn(page, 'ada@localhost')
    await problem('signup').getByText('not a complete e-mail address').waitFor()
    t.equal(await focusedId(page), 'signup-email')
    t.match(await emailField(page).getAttribute('aria-describedby'), /\bsignup-problem\b/)
    t.equal(await emailField(page).getAttribute('aria-invalid'), 'true')
    await auditPage(t, page, 'a problem')
  })

  await t.test('an e-mail that has an account: the other form knows it already', async t => {
    await fillIn(page, 'mary@example.com')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await account.waitFor()
    await fillIn(page, 'mary@example.com')
    await problem('signup').getByText('log in instead').waitFor()
    await account.getByRole('link', { name: 'Log in' }).click()
    t.equal(await emailField(page).inputValue(), 'mary@example.com')
    t.equal(await focusedId(page), 'login-password')
  })

  await t.test('a wrong password', async t => {
    await fillIn(page, 'mary@example.com', 'not the password', 'Log in')
    await problem('login').getByText('The e-mail or the password is wrong.').waitFor()
    t.equal(await focusedId(page), 'login-password')
    await fillIn(page, 'mary@example.com', PASSWORD, 'Log in')
    await page.getByText('Hello, mary@example.com').waitFor()
    t.equal(await account.isVisible(), false)
  })

  await t.test('a session that ended meanwhile', async () => {
    await page.context().clearCookies()
    await page.getByRole('button', { name: /^Buy now/ }).click()
    await page.getByText('You were signed out meanwhile').waitFor()
    await fillIn(page, 'mary@example.com', PASSWORD, 'Log in')
    await page.waitForURL(`${sandbox.stripeUrl}/**`)
    await page.goBack()
  })

  await t.test('a checkout that Stripe does not open', async () => {
    await sandbox.call(`${sandbox.stripeUrl}/_sandbox/behaviour`, { failStatus: 500 })
    await page.reload()
    await page.getByRole('button', { name: /^Buy now/ }).click()
    await page.getByText('Nothing was charged; try again in a minute').waitFor()
    await sandbox.call(`${sandbox.stripeUrl}/_sandbox/behaviour`, undefined, 'DELETE')
  })

  await t.test('a store that cannot be reached', async () => {
    await page.route('**/api/**', route => route.abort())
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('The store cannot be reached').waitFor()
    await page.getByText('Hello, mary@example.com').waitFor()
    await page.unroute('**/api/**')
  })
})

t.test('impatient clicks open one checkout', async t => {
  const page = await visitor()
  await page.goto(sandbox.url)
  await fillIn(page, 'joan@example.com')
  await page.getByText('Hello, joan@example.com').waitFor()
  const keys: Array<string | undefined> = []
  page.on('request', request => { if (request.url().endsWith('/api/checkout')) keys.push(request.headers()['idempotency-key']) })
  await page.getByRole('button', { name: /^Buy now/ }).evaluate((button: { click (): void }) => {
    for (let clicks = 0; clicks < 5; clicks++) button.click()
  })
  await page.waitForURL(`${sandbox.stripeUrl}/**`)
  t.match(keys, [/^[\da-f-]{36}$/])
  t.equal(keys.length, 1)
})
