import { readFile } from 'node:fs/promises'
import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { attention, events, shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

t.setTimeout(180_000)

const service = await startService(t)
const buyer = await service.signUp()
const session = await service.checkOut(buyer.accessToken)
await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
await service.work()
await query(service.connectionString, "delete from tracking_events where kind = 'sale'")
await query(service.connectionString, "update stripe_events set state = 'failed', reason = 'interpretation_failed' where type = 'checkout.session.completed'")
for (let i = 0; i < 30; i++) await service.signUp()
await service.work()

const page = await (await startBrowser(t)).newPage()
page.setDefaultTimeout(20_000)
const complaints = watchPage(page, service.url)
await page.goto(`${service.url}/operator`)
await signIn(page, ADMIN_TOKEN)
const rows = page.locator(`${events} tbody tr`)

t.test('the list goes on, the period is chosen, and a Stripe event is read again', async t => {
  const item = page.locator(`${attention} li`, { hasText: 'checkout.session.completed' })
  await page.getByText('The event could not be read').waitFor()
  await item.getByRole('button', { name: 'Read again' }).click()
  await item.waitFor({ state: 'detached' })
  await service.work()
  await shows(page, `${events} tbody tr`, /Sale[^]*\$49\.00/)

  t.equal(await rows.count(), 25)
  await page.getByRole('button', { name: 'Show more' }).click()
  await eventually('all 32 events are listed', async () => await rows.count() === 32)
  t.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0)

  await shows(page, '.funnel li', /Clicks\s+0/)
  await page.getByRole('link', { name: '7 days' }).click()
  await shows(page, '.funnel li', /Clicks\s+not known/)
  t.match(page.url(), /period=7d/)
  await page.goBack()
  await shows(page, '.funnel li', /Clicks\s+0/)
})

t.test('filters stand in the address, and a colleague who is given it sees the same', async t => {
  await page.getByLabel('Source').selectOption('Stripe')
  await eventually('one is listed', async () => await rows.count() === 1)
  await page.getByLabel('From').fill('2020-01-01')
  await page.getByLabel('To', { exact: true }).fill('2020-01-31')
  await shows(page, events, 'No event matches.')
  await page.getByRole('link', { name: 'Clear filters' }).click()
  await page.getByLabel('Reason').selectOption({ index: 1 })
  await eventually('the reason is in the address', () => /reason=\w+/.test(page.url()))
  await page.getByLabel('Text', { exact: true }).fill(buyer.email)
  await page.keyboard.press('Enter')
  await eventually('what the buyer did is listed', async () => await rows.count() > 0 && await rows.count() <= 2)
  const shown = await rows.allInnerTexts()
  await page.reload()
  await eventually('the same is listed', async () => await rows.count() === shown.length)
  t.equal(await page.getByLabel('Text', { exact: true }).inputValue(), buyer.email)
})

t.test('what matches is saved as CSV', async t => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()])
  const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/)
  t.equal(lines.length, 1 + await rows.count())
  t.match(lines[1], buyer.email)
  t.match(await page.locator(events).innerText(), 'The newest 50,000 that match')
  t.same(complaints, [])
})
