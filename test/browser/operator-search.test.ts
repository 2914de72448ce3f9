import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { makeTrouble } from '../helpers/troubles.js'

t.setTimeout(180_000)

const service = await startService(t)
const ada = await makeTrouble(service)
await service.signUp()
const page = await (await startBrowser(t)).newPage()
page.setDefaultTimeout(20_000)
const complaints = watchPage(page, service.url)
await page.goto(`${service.url}/operator`)
await signIn(page, ADMIN_TOKEN)
await shows(page, 'h1', 'Overview')

async function searchFor (q: string): Promise<void> {
  await page.locator('#search').fill(q)
  await page.keyboard.press('Enter')
}

t.test('an e-mail, a key, or an id of Stripe\'s leads to the customer\'s story', async t => {
  const [lead] = await query<{ click: string }>(service.connectionString, `select payload->>'clickId' as click from tracking_events where customer_key = '${ada.userId}'`)
  for (const q of [ada.email, ada.email.toUpperCase(), ada.userId, ada.sessionId, lead?.click ?? '']) {
    await searchFor(q)
    await page.locator('.verdict').waitFor()
    await shows(page, 'h1', ada.email)
    t.equal(new URLSearchParams(page.url().split('?')[1]).get('q'), q, 'the address has what was searched for')
    t.match(page.url(), `#/customers/${ada.userId}`)
    await page.goBack()
    await shows(page, 'h1', 'Overview')
  }
})

t.test('several customers are a list that says who they are, what they bought, and why they were found', async t => {
  await searchFor('user')
  await shows(page, 'h2', '2 customers')
  await shows(page, '.items > li', new RegExp(`${ada.email} has an e-mail that begins like this[^]*1 needs attention[^]*First seen[^]*1 sale, \\$49\\.00`))
  await auditPage(t, page, 'search')
  await page.reload()
  await shows(page, 'h2', '2 customers')
  await page.getByRole('link', { name: ada.email }).click()
  await shows(page, 'h1', ada.email)
})

t.test('nothing found says so, and what can be searched for', async t => {
  await searchFor('nobody@example.com')
  await shows(page, 'h2', 'No customer is found')
  await shows(page, 'main', 'any id of Stripe’s')
  await page.goto(`${service.url}/operator#/search?q=${encodeURIComponent(ada.email)}`)
  await shows(page, 'h1', ada.email)
  t.same(complaints, [])
})
