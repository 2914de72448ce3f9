import type { Page } from 'playwright-core'
import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { attention, events, pending, shows, signIn } from '../helpers/operator-page.js'
import { startSandbox } from '../helpers/sandbox.js'
import type { RunningSandbox } from '../helpers/sandbox.js'

/** What a visitor does, over HTTP. */
class Shop {
  readonly #sandbox: RunningSandbox
  #users = 0

  constructor (sandbox: RunningSandbox) { this.#sandbox = sandbox }

  /** A visitor of a partner's link; resolves to the click id. */
  async click (): Promise<string> {
    const { affitorUrl, url, call } = this.#sandbox
    const answer = await call<{ click_id: string }>(`${affitorUrl}/api/v1/track/click`, { affiliate_url: `${url}/?aff=TESTCODE` })
    return answer.click_id
  }

  async signUp (affitorClickId: string | null = null): Promise<{ email: string, userId: string, accessToken: string }> {
    const email = `visitor${++this.#users}@example.com`
    const answer = await this.#sandbox.call<{ userId: string, accessToken: string }>(`${this.#sandbox.url}/api/signup`, { email, password: 'correct horse battery', affitorClickId })
    return { email, ...answer }
  }

  /** Resolves to the Checkout Session's id. */
  async buy (accessToken: string, priceId = 'price_sandbox_onetime'): Promise<string> {
    const { url, stripeUrl, call } = this.#sandbox
    const response = await fetch(`${url}/api/checkout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ priceId, mode: 'payment' })
    })
    const { sessionId } = await response.json() as { sessionId: string }
    await call(`${stripeUrl}/_sandbox/checkout/sessions/${sessionId}/pay`, {})
    return sessionId
  }

  /** How Affitor behaves from now on; `{}` is well. */
  async affitor (behaviour: object): Promise<void> {
    await this.#sandbox.call(`${this.#sandbox.affitorUrl}/_sandbox/behaviour`, behaviour)
  }

  /** Waits until that many events are in the ledger, and none of them is pending. */
  async settled (count: number): Promise<void> {
    await eventually(`${count} settled events`, async () => {
      const ledger = await this.#sandbox.ledger()
      return ledger.length === count && ledger.every(({ state }) => state !== 'pending')
    })
  }
}

/** The texts of a table's cells, row by row. */
async function cells (page: Page, caption: string): Promise<string[][]> {
  const rows = await page.getByRole('table', { name: caption }).locator('tbody tr').all()
  return await Promise.all(rows.map(async row => await row.locator('th, td').allInnerTexts()))
}

t.test('an operator sees what partners brought, what is stuck, and why', async t => {
  const sandbox = await startSandbox(t, { COMMISSION_PERCENT: '20', DELIVERY_RETRY_BASE_MS: '100', DELIVERY_RETRY_CAP_MS: '1000' })
  const { url, stripeUrl, adminToken, call } = sandbox
  const shop = new Shop(sandbox)

  // Two clicks, three signups of which one is referred, two payments, a part of one given back.
  await shop.click()
  const ada = await shop.signUp(await shop.click())
  const adasSession = await shop.buy(ada.accessToken)
  const grace = await shop.signUp()
  await shop.buy(grace.accessToken, 'price_sandbox_eur')
  await shop.signUp()
  await call(`${stripeUrl}/_sandbox/refunds`, { checkout_session: adasSession, amount: 900 })
  await shop.settled(6)

  const page = await (await startBrowser(t)).newPage({ viewport: { width: 1280, height: 900 } })
  page.setDefaultTimeout(10_000)
  const complaints = watchPage(page, url)
  const addresses: string[] = []
  page.on('request', request => { addresses.push(request.url()) })
  page.on('framenavigated', frame => { addresses.push(frame.url()) })

  await t.test('nothing is shown before the operator\'s token', async t => {
    await page.goto(`${url}/operator`)
    await auditPage(t, page, 'sign-in')
    await signIn(page, 'not-the-token')
    await page.getByRole('alert').getByText('This is not the operator\'s token.', { exact: true }).waitFor()
    t.equal(await page.evaluate('sessionStorage.length'), 0)
    t.match(complaints.splice(0), ['console: Failed to load resource: the server responded with a status of 401 (Unauthorized)'])
    await signIn(page, adminToken)
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })

  await t.test('the funnel and the money are what was done', async t => {
    await shows(page, 'table', '€49.00')
    await shows(page, '.funnel li', 'Sales')
    const steps = await page.locator('.funnel li').allInnerTexts()
    t.match(steps, [/^Clicks\s+2\s/, /^Leads\s+3\s+1 referred/, /^Checkouts\s+2\s/, /^Sales\s+2\s+payments, renewals among them/])
    const money = await cells(page, 'Revenue, refunds and commission by currency')
    t.same(money.sort(), [
      ['EUR', '€49.00', '€0.00', '0 of 1', '€0.00'],
      ['USD', '$49.00', '$9.00', '1 of 1', '$8.00']
    ])
    await shows(page, attention, 'Nothing needs attention.')
    await shows(page, pending, 'Nothing waits to be sent.')
    await shows(page, '.tile', /Program\s+Live verified/)
    t.match(await page.getByRole('img').getAttribute('aria-label'), /^\d+ calls answered, none failed\.$/)
    await auditPage(t, page, 'overview')
  })

  await t.test('a customer\'s story tells lead, checkout, sale and refund in order, with every call', async t => {
    await page.getByRole('link', { name: ada.email }).first().click()
    await page.getByRole('heading', { level: 1, name: ada.email }).waitFor()
    await shows(page, '.timeline h3', 'Refund')
    const facts = await page.locator('.timeline > li:not(.minor) h3').allInnerTexts()
    t.same(facts, ['Lead', 'Checkout', 'Sale $49.00', 'Refund −$9.00'])
    t.match(await page.locator('.timeline > .fact').allInnerTexts(), Array(3).fill(/Delivered[^]*Attempt 1: answered 200 in [\d,]+ ms/))
    t.match(await page.locator('.verdict').innerText(), /^One payment, \$49\.00; the partner was credited for it/)
    await auditPage(t, page, 'story')

    await page.reload()
    await shows(page, '.timeline h3', 'Refund')
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.locator('#search').fill(grace.userId)
    await page.keyboard.press('Enter')
    await shows(page, '.verdict', 'the partner was credited for none')
    await page.goto(`${url}/operator#/customers/nobody`)
    await shows(page, '.notice', 'Nothing is known of this customer key.')
    t.match(complaints.splice(0), [/404/])
    await page.getByRole('link', { name: 'Overview' }).click()
  })

  await t.test('new events come by themselves, and leave focus and open details alone', async t => {
    await page.evaluate('window.wasNotReloaded = true')
    await page.getByText('As a table').click()
    await page.getByLabel('Kind').selectOption('Leads')
    await page.getByLabel('Kind').focus()
    const { email } = await shop.signUp()
    const row = page.locator(`${events} tbody tr`, { hasText: email })
    await row.getByText('new').waitFor()
    t.ok((await page.locator(`${events} tbody th`).allInnerTexts()).every(name => name.startsWith('Lead')))
    t.equal(await page.evaluate('window.wasNotReloaded'), true)
    t.equal(await page.evaluate('document.querySelector("details").open'), true)
    t.equal(await page.evaluate('document.activeElement.tagName'), 'SELECT')
    t.match(page.url(), /#\/\?period=24h&kind=lead$/)
    await page.goBack()
    t.equal(await page.getByLabel('Kind').inputValue(), '')
  })

  await t.test('what waits for Affitor is listed with its error, until Affitor is back', async () => {
    await shop.affitor({ dropConnection: 'before', endpoints: ['lead', 'sale', 'refund'] })
    const { email } = await shop.signUp()
    await shows(page, `${pending} tr`, new RegExp(`${email}[^]*other side closed`))
    await shows(page, '.tile', /Pending\s+1/)
    await shop.affitor({})
    await shows(page, pending, 'Nothing waits to be sent.')
  })

  await t.test('an event that needs attention is sent again by its button', async t => {
    await shop.affitor({ failAfterRecording: 500, endpoints: ['sale'], times: 1 })
    const { accessToken } = await shop.signUp(await shop.click())
    await shop.buy(accessToken)
    const row = page.locator(`${attention} li`)
    await page.getByText('the commission may be missing').first().waitFor()
    t.match(await row.innerText(), /Sale\s+\$49\.00[^]*2 attempts; the last ended with/)
    await row.getByRole('button', { name: 'Retry' }).click()
    await row.getByText('3 attempts').waitFor()
  })

  t.same(addresses.filter(address => address.includes(adminToken)), [], 'the token is in no address')
})
