import { once } from 'node:events'
import { createServer } from 'node:http'
import { variable } from './receiver.js'

/** The least that stands in for Stripe's API: prices are monthly, lists empty, and it knows nothing else. */
const MISSING = JSON.stringify({ error: { type: 'invalid_request_error', code: 'resource_missing', message: 'There is no such object' } })
const NONE = JSON.stringify({ object: 'list', data: [], has_more: false, url: '/' })
const LISTS = ['/v1/refunds', '/v1/disputes', '/v1/invoices', '/v1/invoice_payments', '/v1/checkout/sessions']

process.once('SIGTERM', () => process.exit())
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const price = /^\/v1\/prices\/(.+)$/.exec(pathname)?.[1]
  const found = price !== undefined
    ? JSON.stringify({ id: price, object: 'price', recurring: { interval: 'month', interval_count: 1 } })
    : LISTS.includes(pathname) || pathname === '/health/ready' ? NONE : undefined
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(found ?? MISSING)
})
server.keepAliveTimeout = 60_000
await once(server.listen(Number(variable('PORT')), '127.0.0.1'), 'listening')
