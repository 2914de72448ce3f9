import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import helmet from 'helmet'
import type { HelmetOptions } from 'helmet'
import t from 'tap'
import { pageSecurity } from '../../src/pages/layout.js'
import { securityHeaders } from '../../src/pages/security-headers.js'
import { sendRaw } from '../helpers/raw-http.js'
import { startService } from '../helpers/service.js'
import { startStripe } from '../helpers/stripe.js'

const plain = await startService(t)
const https = await startService(t, {
  affitor: plain.affitor, connectionString: plain.connectionString, stripe: plain.stripe, variables: { PUBLIC_URL: 'https://api.shop.example' }
})

const OWN = [
  'accept-ranges', 'allow', 'cache-control', 'connection', 'content-length', 'content-type', 'date', 'etag', 'keep-alive', 'last-modified', 'vary',
  'transfer-encoding', 'x-request-id'
]
const withoutOwn = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => !OWN.includes(name)))
const headersAt = async (url: string) => withoutOwn((await fetch(url)).headers)

/** What Helmet itself sets on a real answer. */
async function headersOfHelmet (options: HelmetOptions): Promise<Record<string, string>> {
  const middleware = helmet(options)
  const server = createServer((request, response) => {
    middleware(request, response, () => { response.end() })
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  try {
    return await headersAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

/** Helmet's words for ours: it has a list of its own, of which null takes something away. */
const helmetPage = (assets: string, origins?: string[]) => ({ directives: { ...pageSecurity(assets, origins), upgradeInsecureRequests: null } })

/** Of a page that keeps to itself. */
const secluded = (assets: string) => ({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], frameAncestors: ["'none'"], ...pageSecurity(assets) }
  },
  xFrameOptions: { action: 'deny' as const }
})

t.test('the security headers are those that Helmet sets today', async t => {
  const expected = await headersOfHelmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } }, strictTransportSecurity: false })
  t.same(await headersAt(`${plain.url}/health/live`), expected)
  t.same(await headersAt(`${plain.url}/nowhere`), expected)
  t.same(withoutOwn((await sendRaw(plain.url, 'hello\r\n\r\n')).headers), expected, 'on what is no HTTP')
  t.same(withoutOwn((await sendRaw(plain.url, 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).headers), expected, 'on what is no address')
})

t.test('the security headers of a service that has HTTPS are those that Helmet sets today', async t => {
  const expected = await headersOfHelmet({})
  t.match(expected, { 'strict-transport-security': /max-age/, 'content-security-policy': /upgrade-insecure-requests/ })
  t.same(await headersAt(`${https.url}/health/live`), expected)
  t.same(withoutOwn((await sendRaw(https.url, 'hello\r\n\r\n')).headers), expected, 'on what is no HTTP')
})

t.test('the security headers of pages are those that Helmet sets today', async t => {
  t.same(await headersAt(`${plain.url}/operator`), await headersOfHelmet({ ...secluded('./operator/assets'), strictTransportSecurity: false }))
  t.same(await headersAt(`${https.url}/operator`), await headersOfHelmet(secluded('./operator/assets')))
  t.same(await headersAt(`${plain.url}/`), await headersOfHelmet({ contentSecurityPolicy: helmetPage('/assets', [plain.affitor.url]), strictTransportSecurity: false }))
})

t.test('the security headers of the stand-ins\' pages are those that Helmet sets today', async t => {
  const { client } = await startStripe(t)
  const { url } = await client.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }],
    success_url: 'https://shop.example/done',
    cancel_url: 'https://shop.example/left'
  })
  t.same(await headersAt(url ?? ''), await headersOfHelmet({ ...secluded('/assets'), strictTransportSecurity: false }))
})

t.test('a source that would be more than one is refused: the policy would say something else', async t => {
  for (const source of ['https://a.example; script-src *', 'https://a.example, default-src *']) {
    t.throws(() => securityHeaders(false, { 'script-src': [source] }), /script-src.*may hold neither/)
  }
})
