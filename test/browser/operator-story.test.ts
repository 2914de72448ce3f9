import { readFile } from 'node:fs/promises'
import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { makeTrouble } from '../helpers/troubles.js'

t.setTimeout(180_000)

const service = await startService(t)
const ada = await makeTrouble(service)
const context = await (await startBrowser(t)).newContext({ timezoneId: 'Europe/Berlin', permissions: ['clipboard-read', 'clipboard-write'] })
const page = await context.newPage()
page.setDefaultTimeout(20_000)
const complaints = watchPage(page, service.url)
await page.goto(`${service.url}/operator#/customers/${ada.userId}`)
await signIn(page, ADMIN_TOKEN)
await shows(page, 'h1', ada.email)

const clipboard = async () => await page.evaluate<string>('navigator.clipboard.readText()')

t.test('a story begins with the verdict, and copies as the answer to a partner', async t => {
  const verdict = await page.locator('.verdict').innerText()
  t.match(verdict, /^One payment, \$49\.00; the partner was credited for none\./)
  await page.getByRole('button', { name: 'Copy as text' }).click()
  await shows(page, '#announcements', 'Copied.')
  const text = await clipboard()
  t.match(text, verdict)
  t.match(text, /\n\d+ \w+ \d{4}, \d\d:\d\d \(UTC\+[12]\): Lead, delivered/)
  t.match(text, `Sale $49.00 (${ada.sessionId}), needs attention. `)
  const story = await service.operator<{ clickId: string }>('GET', `/api/tracking/customers/${ada.userId}`)
  for (const hidden of [ada.userId, ada.email, story.body.clickId]) t.notMatch(text, hidden)
  await auditPage(t, page, 'story')
})

t.test('times tell their zone, and ids are copied by a button', async t => {
  t.match(await page.locator('.timeline time').first().innerText(), /^\d+ \w+ \d{4}, \d\d:\d\d \(UTC\+[12]\)$/)
  await shows(page, 'main', /Times are those of Europe\/Berlin, UTC\+[12]\./)
  await page.getByRole('button', { name: `Copy ${ada.userId}` }).click()
  await page.locator('.copy[data-copied=yes]').waitFor()
  t.equal(await clipboard(), ada.userId)
})

t.test('ids of Stripe\'s lead to its dashboard in the mode that is used', async t => {
  t.equal(await page.locator('a.out').count(), 0, 'the sandbox has none')
  await page.route('**/api/tracking/summary', async route => {
    const response = await route.fetch()
    await route.fulfill({ response, json: { ...await response.json(), stripeDashboard: 'https://dashboard.stripe.com/test' } })
  })
  await page.reload()
  await page.locator('a.out').first().waitFor()
  const addresses = await page.locator('a.out').evaluateAll(links => links.map(link => (link as unknown as { href: string }).href))
  const expected = [/\/test\/customers\/cus_/, /\/test\/prices\/price_/, new RegExp(`/test/search\\?query=${ada.sessionId}$`), /\/test\/events\/evt_/]
  for (const pattern of expected) t.ok(addresses.some(address => pattern.test(address)), String(pattern))
  await page.unroute('**/api/tracking/summary')
})

t.test('everything about a customer is saved as a file', async t => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export everything' }).click()])
  t.equal(download.suggestedFilename(), `customer-${ada.userId}.json`)
  const text = await readFile(await download.path(), 'utf8')
  t.match(JSON.parse(text), { customerKey: ada.userId })
  t.match(text, ada.email)
})

t.test('personal data is deleted when the e-mail or the key is typed', async t => {
  await page.getByRole('button', { name: 'Delete personal data' }).click()
  await shows(page, 'dialog', /Kept are the customer key, the transactions/)
  const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete personal data' })
  await page.getByLabel('Type the e-mail').fill('someone@example.com')
  await confirm.click()
  await shows(page, 'dialog', 'This is not what is asked for.')
  await page.getByLabel('Type the e-mail').fill(ada.email)
  await confirm.click()
  await shows(page, '#announcements', 'The personal data was deleted.')
  await shows(page, 'h1', ada.userId)
  t.notMatch(await page.locator('main').innerText(), ada.email)
  await shows(page, '.timeline h3', 'Personal data deleted')
  t.same(complaints, [])
})
