import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'

// A browser, and every operation of the page.
t.setTimeout(180_000)

interface Operation { operationId: string, tags: string[] }

async function operationsOf (service: Service): Promise<Operation[]> {
  const { body } = await service.request<{ paths: Record<string, Record<string, Operation>> }>('GET', '/openapi.json')
  return Object.values(body.paths).flatMap(Object.values) as Operation[]
}

/** Opens an operation, fills in its body and runs it; resolves to the status and the body of the answer. */
async function tryItOut (page: Page, operationId: string, body: object): Promise<{ status: string, text: string }> {
  const operation = page.locator(`[id$="-${operationId}"]`)
  await operation.locator('.opblock-summary-control').click()
  await operation.locator('textarea.body-param__text').fill(JSON.stringify(body))
  await operation.locator('button.execute').click()
  const answer = operation.locator('.live-responses-table .response').first()
  await answer.waitFor()
  return {
    status: await answer.locator('.response-col_status').innerText(),
    text: await answer.locator('.response-col_description pre').first().innerText()
  }
}

async function authorize (page: Page, scheme: string, token: string): Promise<void> {
  await page.locator('.auth-wrapper .authorize').first().click()
  const form = page.locator('.auth-container').filter({ has: page.locator('h4', { hasText: scheme }) })
  await form.locator('input').fill(token)
  await form.locator('button.authorize').click()
  await page.locator('.close-modal').click()
}

/** Every operation is there, and signup, login and checkout run to a 2xx. */
async function explore (page: Page, service: Service, email: string, t: Tap): Promise<void> {
  await page.locator('.opblock').first().waitFor()
  for (const { operationId } of await operationsOf(service)) {
    t.equal(await page.locator(`[id$="-${operationId}"]`).count(), 1, `${operationId} is shown`)
  }
  const credentials = { email, password: 'correct horse battery' }
  t.match(await tryItOut(page, 'createUser', credentials), { status: /201/ })
  const login = await tryItOut(page, 'logIn', credentials)
  t.match(login, { status: /200/ })
  const { accessToken } = JSON.parse(login.text) as { accessToken: string }
  await authorize(page, 'userToken', accessToken)
  t.match(await tryItOut(page, 'createCheckout', { priceId: 'price_sandbox_onetime', mode: 'payment' }), { status: /201/, text: /cs_test_/ })
}

type Tap = Pick<typeof t, 'equal' | 'match'>

// A browser, and every operation of the page: twice as long as it takes on two busy cores.
t.setTimeout(180_000)

t.test('the docs page loads under our security headers, shows every operation, and runs them', async t => {
  const service = await startService(t)
  const page = await (await startBrowser(t)).newPage({ viewport: { width: 1280, height: 1600 } })
  const complaints = watchPage(page, service.url)
  await page.goto(`${service.url}/docs`)
  await page.locator('.opblock').first().waitFor()
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.locator('html.dark-mode').waitFor()
  await auditPage(t, page, 'docs')
  await page.locator('html:not(.dark-mode)').waitFor()
  await explore(page, service, 'ada@example.com', t)
  t.same(complaints, [])
})

t.test('the docs page works behind a path prefix', async t => {
  const service = await startService(t, { variables: { PUBLIC_URL: 'http://localhost/shop/api' } })
  const { port } = new URL(service.url)
  const proxy = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? '').replace(/^\/shop\/api(?=\/|$)/, '')
    const inner = forward({ host: '127.0.0.1', port, path: path || '/', method: incoming.method, headers: incoming.headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    if (path === incoming.url) outgoing.writeHead(404).end('outside of the prefix')
    else incoming.pipe(inner)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { proxy.close() })
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const page = await (await startBrowser(t)).newPage()
  const complaints = watchPage(page, origin)
  await page.goto(`${origin}/shop/api/docs/`)
  await explore(page, service, 'grace@example.com', t)
  t.same(complaints, [])
})
