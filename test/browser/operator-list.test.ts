import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { attention, events, shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

t.test('the list goes on, the period is chosen, and a Stripe event is read again', async t => {
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
  page.setDefaultTimeout(10_000)
  const complaints = watchPage(page, service.url)
  await page.goto(`${service.url}/operator`)
  await signIn(page, ADMIN_TOKEN)

  const row = page.locator(`${attention} tbody tr`, { hasText: 'checkout.session.completed' })
  await row.getByText('The event could not be read').waitFor()
  await row.getByRole('button', { name: 'Read again' }).click()
  await row.waitFor({ state: 'detached' })
  await service.work()
  await shows(page, `${events} tbody tr`, /Sale[^]*\$49\.00/)

  const rows = page.locator(`${events} tbody tr`)
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
  t.same(complaints, [])
})
