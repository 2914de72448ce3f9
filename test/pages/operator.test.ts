import t from 'tap'
import { startService } from '../helpers/service.js'

t.test('the operator page is a shell without data, under a strict policy', async t => {
  const service = await startService(t)
  const { userId, email } = await service.signUp()
  const response = await fetch(`${service.url}/operator`)
  t.equal(response.status, 200)
  t.match(Object.fromEntries(response.headers), { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' })
  const page = await response.text()
  t.notMatch(page, userId)
  t.notMatch(page, email)
  t.notMatch(page, /\sstyle=|<style/, 'no styles of its own')
  t.same(page.match(/<script[^>]*>/g), ['<script type="importmap">', '<script type="module" src="/assets/operator/app.js">'])

  const policy = response.headers.get('content-security-policy') ?? ''
  t.match(policy, /script-src 'self' 'sha256-[^']+';/)
  t.match(policy, /style-src 'self';/)
  t.notMatch(policy, 'unsafe')
})

t.test('everything that the page loads is served', async t => {
  const service = await startService(t)
  const page = await (await fetch(`${service.url}/operator`)).text()
  const paths = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"|"(\/assets\/[^"]+\.m?js)"/g)].map(([, tag, module]) => tag ?? module ?? '')
  t.ok(paths.length > 5)
  for (const path of paths) t.equal((await fetch(`${service.url}${path}`)).status, 200, path)
})

t.test('behind a path prefix every address of the page starts with it', async t => {
  const service = await startService(t, { variables: { PUBLIC_URL: 'http://localhost/shop/api' } })
  const page = await (await fetch(`${service.url}/operator`)).text()
  t.match(page, '<body data-base-path="/shop/api">')
  const addresses = [...page.matchAll(/(?:href|src)="([^"#][^"]*)"|":"(\/[^"]+)"/g)].map(([, tag, module]) => tag ?? module ?? '')
  t.ok(addresses.length > 5)
  t.same(addresses.filter(address => !address.startsWith('/shop/api/')), [])
})

t.test('the page is no part of the document', async t => {
  const service = await startService(t)
  const { body } = await service.request<{ paths: object }>('GET', '/openapi.json')
  t.notOk(Object.keys(body.paths).includes('/operator'))
})
