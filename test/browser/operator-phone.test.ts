import type { Page } from 'playwright-core'
import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { attention, events, shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { makeTrouble } from '../helpers/troubles.js'

t.setTimeout(180_000)

const WIDTH = 375
/** So many stops of the Tab key are bearable before the first Retry. */
const MOST_TABS = 5

const service = await startService(t)
for (let i = 0; i < 3; i++) await service.signUp()
const { userId } = await makeTrouble(service, 'retries_exhausted')
const waiting = await makeTrouble(service)
await query(service.connectionString, `update tracking_events set state = 'pending', next_attempt_at = now() + interval '1 hour' where customer_key = '${waiting.userId}' and kind = 'sale'`)
const browser = await startBrowser(t)
const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } })
page.setDefaultTimeout(20_000)
const complaints = watchPage(page, service.url)
await page.goto(`${service.url}/operator`)
await signIn(page, ADMIN_TOKEN)
await shows(page, `${attention} button`, 'Retry')
await shows(page, `${events} tbody tr`, 'Sale')

/** What can be pressed or filled in, and does not lie within the screen's width. */
async function outOfReach (page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(`[...document.querySelectorAll('main :is(button, a, select, input, summary), header :is(button, a, input)')]
    .map(element => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.left < 0 || box.right > ${WIDTH}))
    .map(({ element, box }) => element.textContent.trim() + ' at ' + box.left + ' to ' + box.right)`)
}

async function focusedText (): Promise<string> {
  return await page.evaluate<string>('document.activeElement.textContent.trim()')
}

/** How often Tab is pressed until a button of this name has the focus. */
async function tabsTo (name: string): Promise<number> {
  for (let tabs = 1; tabs <= 60; tabs++) {
    await page.keyboard.press('Tab')
    if (await focusedText() === name) return tabs
  }
  return Infinity
}

t.test('every action is within a telephone\'s width', async t => {
  t.same(await outOfReach(page), [], 'overview')
  t.ok(await page.locator(`${events} button`).count() > 5)
  await page.goto(`${service.url}/operator#/customers/${userId}`)
  await shows(page, '.timeline button', 'Retry')
  t.same(await outOfReach(page), [], 'story')
  await page.goto(`${service.url}/operator#/search?q=user`)
  await shows(page, 'h2', '5 customers')
  t.same(await outOfReach(page), [], 'search')
  await page.getByRole('link', { name: 'Overview' }).click()
  await shows(page, 'h1', 'Overview')
})

t.test('the first Retry is a few tabs away', async t => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.reload()
  await shows(page, `${attention} button`, 'Retry')
  const fromHeading = await tabsTo('Retry')
  t.ok(fromHeading <= MOST_TABS, `${fromHeading} from where the page begins`)
  await page.evaluate('document.activeElement.blur(); document.querySelector(".skip-link").focus()')
  await page.keyboard.press('Enter')
  const fromTop = 1 + await tabsTo('Retry')
  t.ok(fromTop <= MOST_TABS, `${fromTop} from the top, by the link that skips the bar`)
})

t.test('a slash leads to the search, and is a slash while something is typed', async t => {
  await page.locator('h1').focus()
  await page.keyboard.press('/')
  t.equal(await page.evaluate('document.activeElement.id'), 'search')
  await page.keyboard.type('a/b')
  t.equal(await page.locator('#search').inputValue(), 'a/b')
  await page.getByLabel('Text').fill('')
  await page.keyboard.type('/')
  t.equal(await page.getByLabel('Text').inputValue(), '/')
  t.same(complaints, [])
})

t.test('what is being loaded has a place, and what fails a button to try again', async t => {
  const slow = await browser.newPage()
  slow.setDefaultTimeout(20_000)
  let answers = false
  await slow.route('**/api/tracking/**', async route => {
    if (answers || route.request().url().endsWith('/summary')) await route.continue()
    else await route.abort()
  })
  await slow.goto(`${service.url}/operator`)
  await signIn(slow, ADMIN_TOKEN)
  await shows(slow, '.notice', 'The service cannot be reached.')
  t.ok(await slow.locator('.skeleton').count() > 0)
  answers = true
  await slow.getByRole('button', { name: 'Try again' }).click()
  await shows(slow, `${events} tbody tr`, 'Sale')
  await shows(slow, `${attention} button`, 'Retry')
  t.equal(await slow.locator(`${events} .skeleton`).count(), 0)
  await slow.close()
})
