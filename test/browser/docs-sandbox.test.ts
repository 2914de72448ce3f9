import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { startSandbox } from '../helpers/sandbox.js'

// A browser, and every operation of the page.
t.setTimeout(900_000)

const sandbox = await startSandbox(t)

function operation (page: Page, id: string): Locator {
  return page.locator(`[id$="-${id}"]`)
}

/** What an operation has answered: status and body. */
async function answerOf (shown: Locator): Promise<{ status: string, text: string }> {
  const answer = shown.locator('.live-responses-table .response').first()
  await answer.waitFor()
  const body = answer.locator('.response-col_description pre').first()
  return {
    status: await answer.locator('.response-col_status').first().innerText(),
    text: await body.count() > 0 ? await body.innerText() : ''
  }
}

/** Enters what the box of a credential says is to be entered in the sandbox, or what was answered before. */
async function authorize (page: Page, scheme: string, value?: string): Promise<void> {
  await page.locator('.auth-wrapper .authorize').first().click()
  const box = page.locator('.auth-container').filter({ has: page.locator('h4', { hasText: scheme }) })
  const told = await box.locator('code', { hasText: 'sandbox-' }).allInnerTexts()
  await box.locator('input').fill(value ?? told[0] ?? '')
  await box.locator('button.authorize').click()
  await page.locator('.close-modal').click()
}

/** The operations, without what the service itself sends. */
const ANSWERED = '.opblock:not([id$="-receiveAlert"])'

t.test('in the sandbox every operation, from the first to the last, answers 2xx with what is filled in', async t => {
  const { url, affitorUrl, call } = sandbox
  const page = await (await startBrowser(t)).newPage({ viewport: { width: 1280, height: 1600 } })
  const complaints = watchPage(page, url)
  await page.goto(`${url}/docs`)
  await page.locator('.opblock').first().waitFor()
  await authorize(page, 'apiToken')
  await authorize(page, 'operatorToken')
  const ids = await page.locator(ANSWERED).evaluateAll(blocks => blocks.map(block => block.id.slice(block.id.lastIndexOf('-') + 1)))
  t.ok(ids.length >= 36, `${ids.length} operations`)
  for (const id of ids) {
    await before(id)
    const shown = operation(page, id)
    await shown.locator('.opblock-summary-control').click()
    await choose(id, shown)
    await shown.locator('button.execute').click()
    const { status, text } = await answerOf(shown)
    t.match(status, /^2\d\d/, `${id}: ${text.slice(0, 300)}`)
    await after(id, text)
    // Closed again: a page of open operations takes long to draw.
    await shown.locator('.opblock-summary-control').click()
  }
  t.same(complaints, [])

  /** What the page says to do on the stand-in's page. */
  async function before (id: string): Promise<void> {
    if (id === 'reportSale') await call(`${affitorUrl}/_sandbox/behaviour`, { failStatus: 503, endpoints: ['sale'] })
  }

  /** The event that needs a person is among the examples; the operations on one need it. */
  async function choose (id: string, shown: Locator): Promise<void> {
    if (id === 'receiveStripeEvent') await shown.locator('select[aria-label="Example"]').first().selectOption('unreadable')
  }

  async function after (id: string, text: string): Promise<void> {
    if (id === 'logIn') await authorize(page, 'userToken', (JSON.parse(text) as { accessToken: string }).accessToken)
  }
})

t.test('an address leads to one operation, which is found by what it is for', async t => {
  const { url } = sandbox
  const page = await (await startBrowser(t)).newPage({ viewport: { width: 1280, height: 1000 } })
  await page.goto(`${url}/docs#/tracking/getTrackingSummary`)
  const shown = operation(page, 'getTrackingSummary')
  await shown.locator('.opblock-body').waitFor()
  t.equal(await page.locator('.opblock.is-open').count(), 1)
  t.ok(((await shown.boundingBox())?.y ?? Infinity) < 1000, 'it is in view')
  await operation(page, 'getLiveness').locator('.operation-link').click()
  await operation(page, 'getLiveness').locator('.opblock-body').waitFor()
  t.equal(new URL(page.url()).hash, '#/health/getLiveness')
  await page.getByRole('searchbox', { name: 'Filter operations' }).fill('refund report')
  await operation(page, 'createUser').waitFor({ state: 'detached' })
  t.same(await page.locator(ANSWERED).evaluateAll(blocks => blocks.map(block => block.id)), ['operations-facts-reportRefund'])
})

t.test('credentials, filters, snippets, models and answers can be read by everybody, in light and in dark', async t => {
  const { url } = sandbox
  const page = await (await startBrowser(t)).newPage({ viewport: { width: 1280, height: 1600 } })
  await page.goto(`${url}/docs`)
  await page.locator('.auth-wrapper .authorize').first().click()
  t.same(await page.locator('.auth-container h4').allInnerTexts(), ['userToken', 'sessionCookie', 'apiToken', 'operatorToken'])
  for (const sentence of ['For a user, who signs up', 'For a user in a browser', 'For another backend', 'For the operator']) {
    t.equal(await page.locator('.auth-container', { hasText: sentence }).count(), 1, sentence)
  }
  await auditPage(t, page, 'credentials')
  await page.locator('.close-modal').click()
  const list = operation(page, 'listTrackingEvents')
  await list.locator('.opblock-summary-control').click()
  for (const parameter of ['kind', 'state']) {
    const row = list.locator(`tr[data-param-name="${parameter}"]`)
    t.match(await row.innerText(), parameter === 'kind' ? /refund \(money given back\)/ : /needs_attention: a person must look/, `${parameter} is explained where it is set`)
    t.equal(await row.locator('select').inputValue(), '', 'and not set')
  }
  const live = operation(page, 'getLiveness')
  await live.locator('.opblock-summary-control').click()
  await live.locator('button.execute').click()
  await answerOf(live)
  for (const shell of ['bash', 'PowerShell', 'CMD']) {
    await live.getByRole('tab', { name: `cURL (${shell})` }).or(live.getByText(`cURL (${shell})`)).first().click()
    t.match(await live.locator('.curl').first().innerText(), /curl.*health\/live/s, shell)
  }
  const lead = operation(page, 'reportLead')
  await lead.locator('.opblock-summary-control').click()
  const model = lead.locator('.response[data-code="201"]')
  await model.locator('.tablinks', { hasText: 'Schema' }).click()
  for (const part of [/^kind$/, /^state$/]) await model.locator('.json-schema-2020-12-accordion', { hasText: part }).first().click()
  await model.getByText('lead: a signup').first().waitFor()
  await model.getByText('pending: waits for its first or next attempt').first().waitFor()
  await auditPage(t, page, 'operations')
})
