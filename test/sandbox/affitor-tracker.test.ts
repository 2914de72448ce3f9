import t from 'tap'
import { createContext, runInContext } from 'node:vm'
import { startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'

interface Tracker {
  getClickId: () => string | null
  getData: () => unknown
  signup: (customerKey: string, email?: string) => Promise<void>
}

interface Page {
  tracker: Tracker
  cookies: Map<string, string>
  /** The cookies as they were written, attributes included. */
  written: string[]
  errors: unknown[]
}

/** Loads the served script into a page of its own, with the parts of a browser that it uses. */
async function visit (affitor: StartedAffitor, address: string, cookies = new Map<string, string>()): Promise<Page> {
  const source = await (await fetch(`${affitor.url}/js/affitor-tracker.js`)).text()
  const written: string[] = []
  const errors: unknown[] = []
  const document = {
    title: 'Pricing',
    referrer: 'https://blog.example/',
    currentScript: {
      src: `${affitor.url}/js/affitor-tracker.js`,
      getAttribute: (name: string) => name === 'data-affitor-program-id' ? affitor.programId : null
    },
    get cookie () { return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    set cookie (line: string) {
      written.push(line)
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=')
      if (line.includes('max-age=0')) cookies.delete(name)
      else cookies.set(name, value)
    }
  }
  const window: { location: URL, screen: object, innerWidth: number, innerHeight: number, affitor?: Tracker } = {
    location: new URL(address), screen: { width: 1920, height: 1080 }, innerWidth: 1440, innerHeight: 900
  }
  runInContext(source, createContext({
    window, document, fetch, URL, URLSearchParams, navigator: { userAgent: 'Test Browser', language: 'en-US' }, console: { error: (text: unknown) => errors.push(text) }
  }))
  if (window.affitor === undefined) throw new Error('the script did not start')
  return { tracker: window.affitor, cookies, written, errors }
}

async function until (condition: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
}

t.test('a landing with ?aff= posts the click and writes the cookie', async (t) => {
  const affitor = await startAffitor(t, { cookieWindowDays: 30 })
  const { tracker, cookies, written } = await visit(affitor, 'https://shop.example/pricing?aff=TESTCODE')
  await until(() => cookies.has('affitor_click_id'))
  const [customer] = affitor.sandbox.affitorState.customers
  t.equal(tracker.getClickId(), customer?.clickId)
  t.strictSame(written, [`affitor_click_id=${customer?.clickId}; path=/; max-age=${30 * 86_400}; samesite=lax; secure`])
  t.match(affitor.sandbox.affitorState.clicks, [{ pageUrl: 'https://shop.example/pricing', referrerUrl: 'https://blog.example/', userAgent: 'Test Browser' }])
  t.match(affitor.calls('click')[0]?.body, { page_title: 'Pricing', screen_resolution: '1920x1080', viewport_size: '1440x900', language: 'en-US', timezone: String })
  t.same(tracker.getData(), { clickId: customer?.clickId, programId: 42, hasAttribution: true, affiliateUrl: 'https://shop.example/pricing?aff=TESTCODE' })
})

t.test('a visit without ?aff= posts nothing', async (t) => {
  const affitor = await startAffitor(t)
  const { tracker } = await visit(affitor, 'http://shop.example/')
  t.equal(tracker.getClickId(), null)
  t.same(tracker.getData(), { clickId: null, programId: 42, hasAttribution: false, affiliateUrl: null })
  t.equal(affitor.calls().length, 0)
})

t.test('a second click sends the click id of the first', async (t) => {
  const affitor = await startAffitor(t, { partners: [{ code: 'A', commissionRate: 0.1 }, { code: 'B', commissionRate: 0.1 }] })
  const first = await visit(affitor, 'https://shop.example/?aff=A')
  await until(() => first.cookies.has('affitor_click_id'))
  await visit(affitor, 'https://shop.example/?aff=B', first.cookies)
  await until(() => affitor.sandbox.affitorState.clicks.length === 2)
  t.match(affitor.sandbox.affitorState.customers, [{ partnerCode: 'B', clickId: first.tracker.getClickId() }])
  t.equal(affitor.sandbox.affitorState.customers.length, 1)
})

t.test('signup waits for a click on its way', async (t) => {
  const affitor = await startAffitor(t)
  affitor.behave({ latencyMs: 50, endpoints: ['click'] })
  const { tracker, errors } = await visit(affitor, 'https://shop.example/?aff=TESTCODE')
  await tracker.signup('user_1', 'a@example.com')
  t.match(affitor.sandbox.affitorState.customers, [{ status: 'lead', customerKey: 'user_1' }])
  t.strictSame(errors, [])
})

t.test('failures go to the console and never to the page', async (t) => {
  const affitor = await startAffitor(t)
  const { tracker, errors } = await visit(affitor, 'https://shop.example/?aff=NOBODY')
  await tracker.signup('user_1')
  await tracker.signup('')
  t.same(errors, [
    '[Affitor] Referral link not found',
    '[Affitor] Customer not found. Provide a valid click_id or customer_key.',
    '[Affitor] signup needs a customer key'
  ])
  t.equal(tracker.getClickId(), null)
})

t.test('the legacy cookie is migrated', async (t) => {
  const affitor = await startAffitor(t)
  const { tracker, cookies } = await visit(affitor, 'https://shop.example/', new Map([['customer_code', 'cust_1_5']]))
  t.equal(tracker.getClickId(), 'cust_1_5')
  t.same([...cookies], [['affitor_click_id', 'cust_1_5']])
  const both = await visit(affitor, 'https://shop.example/', new Map([['customer_code', 'old'], ['affitor_click_id', 'new']]))
  t.same([...both.cookies], [['affitor_click_id', 'new']])
})

t.test('browsers may call click, lead and the script from any origin, and nothing else', async (t) => {
  const affitor = await startAffitor(t)
  const preflight = async (path: string, method = 'POST') => await fetch(affitor.url + path, {
    method: 'OPTIONS', headers: { origin: 'https://shop.example', 'access-control-request-method': method, 'access-control-request-headers': 'content-type' }
  })
  for (const path of ['/api/v1/track/click', '/api/v1/track/lead']) {
    const response = await preflight(path)
    t.equal(response.status, 204)
    t.equal(response.headers.get('access-control-allow-origin'), '*')
    t.match(response.headers.get('access-control-allow-methods'), /POST/)
    t.match(response.headers.get('access-control-allow-headers'), /content-type/)
  }
  for (const path of ['/api/v1/track/sale', '/_sandbox/behaviour', '/_sandbox/state']) {
    const response = await preflight(path)
    t.equal(response.status, 404)
    t.equal(response.headers.get('access-control-allow-origin'), null)
  }
  const refused = await fetch(`${affitor.url}/api/v1/track/click`, { method: 'POST', headers: { origin: 'https://shop.example', 'content-type': 'application/json' }, body: '{' })
  t.equal(refused.status, 400)
  t.equal(refused.headers.get('access-control-allow-origin'), '*', 'an error can be read too')

  const script = await fetch(`${affitor.url}/js/affitor-tracker.js`)
  t.match(script.headers.get('content-type'), /^text\/javascript/)
  t.equal(script.headers.get('cross-origin-resource-policy'), 'cross-origin')
})
