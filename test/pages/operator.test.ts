import Fastify from 'fastify'
import t from 'tap'
import operatorPage from '../../src/pages/operator.js'
import { startService } from '../helpers/service.js'

/** What the page loads or leads to, by its tags and its import map. */
function addressesIn (page: string): string[] {
  return [...page.matchAll(/(?:href|src)="([^"#][^"]*)"|":"(\.[^"]+)"/g)].map(([, tag, module]) => tag ?? module ?? '')
}

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
  t.same(page.match(/<script[^>]*>/g), ['<script type="importmap">', '<script type="module" src="./operator/assets/operator/app.js">'])

  const policy = response.headers.get('content-security-policy') ?? ''
  t.match(policy, /script-src 'self' 'sha256-[^']+';/)
  t.match(policy, /style-src 'self';/)
  t.notMatch(policy, 'unsafe')
})

t.test('everything that the page loads is served', async t => {
  const service = await startService(t)
  const page = await (await fetch(`${service.url}/operator`)).text()
  const addresses = addressesIn(page).filter(address => !address.endsWith('/'))
  t.ok(addresses.length > 5)
  for (const address of addresses) t.equal((await fetch(new URL(address, `${service.url}/operator`))).status, 200, address)
})

t.test('behind a proxy that adds a path every address of the page lies below it', async t => {
  const service = await startService(t)
  const page = await (await fetch(`${service.url}/operator`)).text()
  const addresses = [...addressesIn(page), /data-api="([^"]+)"/.exec(page)?.[1] ?? '']
  t.ok(addresses.length > 5)
  t.same(addresses.map(address => new URL(address, 'http://localhost/shop/operator').pathname).filter(path => !path.startsWith('/shop/')), [])
  t.equal(new URL(addresses.at(-1) ?? '', 'http://localhost/shop/operator').pathname, '/shop/api/tracking')
})

t.test('with a slash at its end the address leads to the page as well', async t => {
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } })
  await app.register(operatorPage, { path: '/operator', apiPrefix: '/api/tracking', byToken: true })
  t.match(await app.inject('/operator/'), { statusCode: 302, headers: { location: '../operator' } })
  t.equal((await app.inject('/operator')).statusCode, 200)
})

t.test('the page is no part of the document', async t => {
  const service = await startService(t)
  const { body } = await service.request<{ paths: object }>('GET', '/openapi.json')
  t.notOk(Object.keys(body.paths).includes('/operator'))
})
