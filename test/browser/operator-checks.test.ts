import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'

t.setTimeout(180_000)

const connections = 'section[aria-labelledby="checks-heading"]'

t.test('the page says what is connected wrong and what to do, and on request what is right', async t => {
  const service = await startService(t)
  const page = await (await startBrowser(t)).newPage()
  page.setDefaultTimeout(20_000)
  const complaints = watchPage(page, service.url)
  await page.goto(`${service.url}/operator`)
  await signIn(page, ADMIN_TOKEN)
  await shows(page, `${connections} li`, /Wrong\s*workers\s*No process runs the workers.*Start a process with workers/s)
  t.equal(await page.locator(`${connections} details li`).first().isVisible(), false)
  await page.locator(`${connections} summary`).click()
  await shows(page, `${connections} details li`, /Right\s*schema\s*The schema affitor is up to date\./)
  await shows(page, `${connections} details li`, /Not checked\s*renewals/)
  await auditPage(t, page, 'connections')
  t.same(complaints, [])
})
