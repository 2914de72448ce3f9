import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { startBrowser, watchPage } from '../helpers/browser.js'
import { shows, signIn } from '../helpers/operator-page.js'
import { openShop } from '../plugin/shop.js'

const TOKEN = 'token-of-an-operator'

/** An app's own rule: its admins have a cookie, and scripts a token. */
async function requireAdmin ({ headers }: FastifyRequest): Promise<void> {
  if (headers.cookie?.includes('admin=yes') === true || headers.authorization === `Bearer ${TOKEN}`) return
  throw Object.assign(new Error('Admins only'), { statusCode: 403 })
}

t.test('whom the app has let in needs no token; others are asked for one', async t => {
  const { url, standIns: { affitor }, join, told } = await openShop(t, {
    plugin: { prefix: '/affiliates', operator: { onRequest: requireAdmin, apiPrefix: '/facts', pagePath: '/admin/partners' } }
  })
  const userId = await join({ affitorClickId: await affitor.click() })
  await told(1)
  const browser = await startBrowser(t)
  const address = `${url}/affiliates/admin/partners`

  const admin = await browser.newContext()
  await admin.addCookies([{ name: 'admin', value: 'yes', url }])
  const page = await admin.newPage()
  const complaints = watchPage(page, url)
  await page.goto(address)
  await shows(page, 'h1', 'Overview')
  await page.goto(`${address}#customer=${userId}`)
  await shows(page, 'main', userId)
  t.same(complaints, [])

  const stranger = await browser.newPage()
  await stranger.goto(address)
  await shows(stranger, 'form', 'Log in to the app as an operator')
  await signIn(stranger, 'not the token of an operator')
  await shows(stranger, '[role=alert]', /not the operator/)
  await signIn(stranger, TOKEN)
  await shows(stranger, 'h1', 'Overview')
})

t.test('a page of another origin cannot act with the admin\'s cookie', async t => {
  const { url } = await openShop(t, { plugin: { operator: { onRequest: requireAdmin } } })
  const retry = async (headers: Record<string, string>) => (await fetch(`${url}/api/tracking/events/1/retry`, { method: 'POST', headers: { cookie: 'admin=yes', ...headers } })).status
  t.equal(await retry({ origin: 'https://elsewhere.example' }), 403)
  t.equal(await retry({ 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await retry({ origin: url, 'sec-fetch-site': 'same-origin' }), 404, 'its own page may')
  t.equal(await retry({}), 404, 'what is no browser may')
})
