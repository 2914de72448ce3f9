import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'

const service = await startService(t)
const page = await (await startBrowser(t)).newPage()
page.setDefaultTimeout(10_000)
const complaints = watchPage(page, service.url)
let requests = 0
page.on('request', () => { requests += 1 })
await page.goto(`${service.url}/operator`)
await signIn(page, ADMIN_TOKEN)
await shows(page, '.tile', /Delivery\s+Running/)

t.test('the page asks nothing while it is hidden', async t => {
  await page.evaluate('Object.defineProperty(document, "hidden", { value: true, configurable: true })')
  // What was on its way is answered.
  await page.waitForTimeout(500)
  const asked = requests
  await page.waitForTimeout(2_500)
  t.equal(requests, asked)
  await page.evaluate('delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))')
  await eventually('it asks again', () => requests > asked)
})

t.test('the page says that the service is away, and recovers by itself', async t => {
  await page.context().setOffline(true)
  await shows(page, '.notice', 'The service cannot be reached.')
  await page.context().setOffline(false)
  await page.getByText('The service cannot be reached.').waitFor({ state: 'detached' })
  t.ok(complaints.splice(0).every(complaint => complaint.includes('ERR_INTERNET_DISCONNECTED')))
})

t.test('a token that is not accepted any more brings the form back; signing out forgets it', async t => {
  await page.evaluate('sessionStorage.setItem(sessionStorage.key(0), "changed-meanwhile")')
  await shows(page, '[role="alert"]', 'The token is not accepted any more.')
  t.equal(await page.evaluate('sessionStorage.length'), 0)
  await signIn(page, ADMIN_TOKEN)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('Operator token').waitFor()
  t.equal(await page.evaluate('sessionStorage.length'), 0)
  t.ok(complaints.splice(0).every(complaint => complaint.includes('401')))
})
