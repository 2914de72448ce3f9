import { readFile } from 'node:fs/promises'
import t from 'tap'
import type { OpenAPIV3_1 as OpenApi } from 'openapi-types'
import { openapiDocument } from '../../tools/generate/openapi-document.js'
import { startService } from '../helpers/service.js'

const service = await startService(t)
const { body: document } = await service.request<OpenApi.Document>('GET', '/openapi.json')

const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item ?? {}).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`, operation: operation as OpenApi.OperationObject & { responses: OpenApi.ResponsesObject }
  })))

/** Every value of this key, anywhere below. */
function valuesOf (key: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, below]) => [...(name === key ? [below] : []), ...valuesOf(key, below)])
}

/** What a reference leads to; anything else is itself. */
function resolve<T> (value: T | OpenApi.ReferenceObject | undefined): T | undefined {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value
  const steps = value.$ref.replace(/^#\//, '').split('/')
  return steps.reduce<unknown>((below, step) => (below as Record<string, unknown> | undefined)?.[step], document) as T | undefined
}

t.test('the committed document is the one that the code makes', async t => {
  t.equal(await readFile('openapi.json', 'utf8'), await openapiDocument(), 'run `npm run generate`')
})

t.test('the document is served', async t => {
  const committed: OpenApi.Document = JSON.parse(await readFile('openapi.json', 'utf8'))
  t.equal(document.openapi, '3.1.0')
  t.same(document, committed)
})

t.test('it names a server only where there is a path before the service\'s own', async t => {
  t.notOk('servers' in document, 'clients of "/" would ask for "//api"')
  for (const PUBLIC_URL of ['https://shop.example/shop/api', 'https://shop.example/shop/api/']) {
    const behind = await startService(t, { variables: { PUBLIC_URL } })
    t.match((await behind.request<OpenApi.Document>('GET', '/openapi.json')).body.servers, [{ url: '/shop/api' }], PUBLIC_URL)
  }
})

t.test('it has every route of the service, and no other', async t => {
  t.same(operations.map(({ name }) => name).sort(), [
    'DELETE /api/tracking/customers/{customerKey}/personal-data',
    'GET /api/tracking/attention',
    'GET /api/tracking/checks',
    'GET /api/tracking/customers/{customerKey}',
    'GET /api/tracking/customers/{customerKey}/export',
    'GET /api/tracking/deliveries',
    'GET /api/tracking/events',
    'GET /api/tracking/events.csv',
    'GET /api/tracking/events/{id}',
    'GET /api/tracking/funnel',
    'GET /api/tracking/program',
    'GET /api/tracking/search',
    'GET /api/tracking/stripe-events',
    'GET /api/tracking/stripe-events/{id}',
    'GET /api/tracking/summary',
    'GET /health/live',
    'GET /health/ready',
    'POST /api/attribution',
    'POST /api/checkout',
    'POST /api/leads',
    'POST /api/login',
    'POST /api/logout',
    'POST /api/refunds',
    'POST /api/sales',
    'POST /api/signup',
    'POST /api/stripe-events',
    'POST /api/tracking/attention/resolve',
    'POST /api/tracking/attention/retry',
    'POST /api/tracking/events/{id}/hold',
    'POST /api/tracking/events/{id}/reopen',
    'POST /api/tracking/events/{id}/resolve',
    'POST /api/tracking/events/{id}/retry',
    'POST /api/tracking/stripe-events/{id}/reopen',
    'POST /api/tracking/stripe-events/{id}/resolve',
    'POST /api/tracking/stripe-events/{id}/retry',
    'POST /webhooks/stripe'
  ])
})

t.test('every operation says what it is', async t => {
  const tags = document.tags?.map(({ name }) => name) ?? []
  for (const { name, operation } of operations) {
    t.match(operation.operationId, /^[a-z][A-Za-z]+$/, `${name}: operationId`)
    t.match(operation.summary, /\w/, `${name}: summary`)
    t.match(operation.description, /\w+ \w+/, `${name}: description`)
    t.ok(operation.tags?.length === 1 && tags.includes(operation.tags[0] ?? ''), `${name}: a declared tag`)
  }
  const ids = operations.map(({ operation }) => operation.operationId)
  t.same(ids, [...new Set(ids)], 'operationIds are unique')
})

t.test('every error answer has the one shape', async t => {
  for (const { name, operation } of operations) {
    for (const status of ['500', '503']) t.ok(operation.responses[status], `${name}: ${status}`)
    for (const [status, response] of Object.entries(operation.responses)) {
      const { content, description = '' } = resolve<OpenApi.ResponseObject>(response) ?? {}
      t.match(description, /\w+ \w+/, `${name} ${status} is described`)
      t.not(description, 'Default Response', `${name} ${status} is described`)
      if (Number(status) >= 400) {
        t.match(content?.['application/json']?.schema, { allOf: [{ $ref: '#/components/schemas/ErrorResponse' }, { properties: { code: {} } }] }, `${name} ${status}`)
      }
    }
  }
})

t.test('every operation names the errors that its input can bring', async t => {
  for (const { name, operation } of operations) {
    const secured = operation.security?.length !== 0 && !/webhooks/.test(name)
    const expected = [
      ...(operation.requestBody !== undefined || operation.parameters !== undefined ? ['400'] : []),
      ...(secured || /login/.test(name) ? ['401'] : []),
      ...(/\{/.test(name) ? ['404'] : []),
      ...(/^POST/.test(name) ? ['413'] : []),
      ...(/^POST \/api/.test(name) ? ['415'] : []),
      ...(/signup|login/.test(name) ? ['429'] : [])
    ]
    t.same(expected.filter(status => !(status in operation.responses)), [], name)
  }
})

t.test('every operation that takes a token says which', async t => {
  const schemes = Object.keys(document.components?.securitySchemes ?? {})
  for (const { name, operation } of operations) {
    const used = operation.security?.flatMap(Object.keys) ?? []
    t.same(used.filter(scheme => !schemes.includes(scheme)), [], `${name}: declared schemes`)
    const expected = /\/(leads|sales|refunds|attribution|stripe-events)$/.test(name) && !/tracking/.test(name) ? ['apiToken'] : /tracking/.test(name) ? ['operatorToken'] : /checkout/.test(name) ? ['userToken', 'sessionCookie'] : []
    t.same(used, expected, name)
  }
})

t.test('components are named, and all references lead somewhere', async t => {
  t.same(Object.keys(document.components?.schemas ?? {}).filter(name => /^def-/.test(name)), [])
  const references = valuesOf('$ref', document).map(String)
  t.ok(references.length > 50)
  t.same(references.filter($ref => resolve({ $ref }) === undefined), [])
})

t.test('Swagger UI loads under our own security headers', async t => {
  const page = await fetch(`${service.url}/docs`)
  t.equal(page.status, 200)
  t.match(page.headers.get('content-type'), /^text\/html/)
  const html = await page.text()
  const policy = page.headers.get('content-security-policy') ?? ''
  t.match(policy, /script-src 'self'/)
  t.notMatch(policy, /upgrade-insecure-requests/, 'nothing is asked for by HTTPS where there is none')
  t.notMatch(html, /<script(?![^>]*\bsrc=)/, 'no inline script, which the policy would block')

  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => new URL(address ?? '', page.url.endsWith('/') ? page.url : `${service.url}/docs/`))
  t.ok(assets.length >= 4, assets.join(' '))
  for (const asset of assets) {
    const response = await fetch(asset)
    t.equal(response.status, 200, asset.pathname)
    t.equal(asset.origin, service.url, asset.href)
    await response.arrayBuffer()
  }
})

t.test('the document that Swagger UI loads is the served one', async t => {
  t.same((await service.request('GET', '/docs/json')).body, document)
})
