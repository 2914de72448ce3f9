import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startBrowser } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { signIn } from '../helpers/operator-page.js'
import { startSandbox } from '../helpers/sandbox.js'
import type { RunningSandbox } from '../helpers/sandbox.js'

// `npm run images` writes docs/images; otherwise the pictures are taken, and thrown away.
const folder = process.env.UPDATE_IMAGES === '1' ? 'docs/images' : await mkdtemp(join(tmpdir(), 'fastify-affitor-images-'))
t.teardown(async () => { if (folder !== 'docs/images') await rm(folder, { recursive: true }) })
t.setTimeout(180_000)

/** Customers as a shop has them: most come by themselves, some through a partner, a few buy, one regrets it. */
async function fill ({ url, stripeUrl, affitorUrl, call, ledger }: RunningSandbox): Promise<void> {
  const click = async () => (await call<{ click_id: string }>(`${affitorUrl}/api/v1/track/click`, { affiliate_url: `${url}/?aff=TESTCODE` })).click_id
  const orders = [['price_sandbox_onetime', 'payment'], ['price_sandbox_monthly', 'subscription'], ['price_sandbox_eur', 'payment']] as const
  for (let i = 0; i < 24; i++) await click()
  for (let i = 0; i < 14; i++) {
    const { accessToken } = await call<{ accessToken: string }>(`${url}/api/signup`, {
      email: `customer${i}@example.com`, password: 'correct horse battery', ...(i % 3 === 0 ? {} : { affitorClickId: await click() })
    })
    const [priceId, mode] = orders[i % 3] ?? orders[0]
    if (i % 4 === 3) continue
    const response = await fetch(`${url}/api/checkout`, {
      method: 'POST', body: JSON.stringify({ priceId, mode }), headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' }
    })
    const { sessionId } = await response.json() as { sessionId: string }
    if (i === 8) await call(`${affitorUrl}/_sandbox/behaviour`, { failAfterRecording: 500, endpoints: ['sale'], times: 1 })
    await call(`${stripeUrl}/_sandbox/checkout/sessions/${sessionId}/pay`, {})
    if (i === 4) await call(`${stripeUrl}/_sandbox/refunds`, { checkout_session: sessionId })
    await eventually('it is told', async () => (await ledger()).every(({ state }) => state !== 'pending'), 30)
  }
}

t.test('pictures of the pages', async t => {
  const sandbox = await startSandbox(t, { DELIVERY_RETRY_BASE_MS: '50', DELIVERY_RETRY_CAP_MS: '200' })
  await fill(sandbox)
  const browser = await startBrowser(t)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const take = async (name: string, height: number) => {
    await page.setViewportSize({ width: 1280, height })
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(folder, `${name}.png`) })
  }

  await page.goto(`${sandbox.url}/?aff=TESTCODE`)
  await page.getByText('A partner brought you').waitFor()
  await take('storefront', 700)

  await page.goto(`${sandbox.url}/operator`)
  await signIn(page, sandbox.adminToken)
  await page.getByText('Live verified').waitFor()
  await page.getByText(/calls answered/).waitFor()
  await take('operator', 1250)

  const refund = (await sandbox.ledger()).find(event => event.kind === 'refund')
  await page.goto(`${sandbox.url}/operator#/customers/${refund?.customerKey}`)
  await page.getByText(/Full refund/).first().waitFor()
  await take('story', 1000)

  await page.goto(`${sandbox.stripeUrl}/`)
  await page.getByRole('region', { name: 'Payments', exact: true }).waitFor()
  await take('stripe', 900)

  await page.goto(`${sandbox.url}/docs`)
  await page.locator('.opblock').first().waitFor()
  await take('docs', 1000)

  const readme = await readFile('README.md', 'utf8')
  for (const name of ['storefront', 'operator', 'docs']) t.match(readme, `docs/images/${name}.png`, `README shows ${name}`)
})
