import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { PAGES, proofsOf } from '../helpers/contract.js'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'
import { signature } from '../helpers/webhook.js'

const service = await startService(t)
const ada = await service.signUp()
const document = service.app.swagger() as OpenAPIV3_1.Document

interface Operation {
  name: string
  method: string
  path: string
  proofs: string[]
}

/** Every operation of the document, with its parameters filled in. */
const operations: Operation[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item ?? {}).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: path.replaceAll(/\{\w+\}/g, '1'),
    proofs: proofsOf(operation as OpenAPIV3_1.OperationObject)
  })))

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const cookie = (token: string) => ({ cookie: `session=${token}` })
const userToken = ada.accessToken

type Headers = Record<string, string>
const nobodys: Headers[] = [
  {}, { authorization: '' }, { authorization: 'Bearer' }, { authorization: 'Bearer ' }, bearer('abc'), bearer('..'), bearer('undefined'), cookie('abc'),
  { authorization: `Basic ${userToken}` }, { authorization: userToken }, bearer(userToken.slice(0, -2)), bearer(`${userToken}x`),
  { authorization: `Basic ${ADMIN_TOKEN}` }, { authorization: ADMIN_TOKEN }, bearer(ADMIN_TOKEN.slice(0, -1)), bearer(`${ADMIN_TOKEN}x`), bearer(ADMIN_TOKEN.toUpperCase()),
  cookie(ADMIN_TOKEN), cookie(API_TOKEN), { authorization: `Basic ${API_TOKEN}` }, { authorization: API_TOKEN }, bearer(API_TOKEN.slice(0, -1)), bearer(`${API_TOKEN}x`),
  { 'stripe-signature': signature('', 'whsec_of_somebody_else') }
]
const stripes: Headers = { 'stripe-signature': signature('', service.stripe.webhookSecret) }

/** By what an operation takes as proof: who is let in, who is not, who is for other routes, and what they are told. */
const kinds: Record<string, { right: Headers[], wrong: Headers[], others?: Headers[], code: 'UNAUTHORIZED' | 'OPERATOR_ONLY' | 'BACKEND_ONLY' | 'INVALID_SIGNATURE', message?: RegExp }> = {
  'userToken sessionCookie': { right: [bearer(userToken), cookie(userToken)], wrong: [...nobodys, stripes], others: [bearer(ADMIN_TOKEN), bearer(API_TOKEN)], code: 'UNAUTHORIZED' },
  operatorToken: { right: [bearer(ADMIN_TOKEN)], wrong: [...nobodys, cookie(userToken), stripes], others: [bearer(userToken), bearer(API_TOKEN)], code: 'OPERATOR_ONLY' },
  apiToken: { right: [bearer(API_TOKEN)], wrong: [...nobodys, cookie(userToken), stripes], others: [bearer(userToken), bearer(ADMIN_TOKEN)], code: 'BACKEND_ONLY' },
  stripeSignature: { right: [], wrong: [...nobodys, bearer(userToken), bearer(ADMIN_TOKEN), bearer(API_TOKEN)], code: 'INVALID_SIGNATURE', message: /^Webhook Error: / }
}

t.test('what anyone may do is this, and nothing else', async t => {
  t.same(operations.filter(({ proofs }) => proofs.length === 0).map(({ name }) => name).sort(), [
    'GET /health/live', 'GET /health/ready', 'POST /api/login', 'POST /api/logout', 'POST /api/signup'
  ])
})

for (const { name, method, path, proofs } of operations.filter(({ proofs }) => proofs.length > 0)) {
  const kind = kinds[proofs.join(' ')]
  t.test(`${name} is for whom the document says`, async t => {
    if (kind === undefined) throw new Error(`No credentials are known for ${proofs.join(' ')}`)
    const before = await countRows(service.connectionString)
    for (const headers of kind.wrong) {
      matchError(t, await service.request(method, path, undefined, headers), kind.code, kind.message, JSON.stringify(headers))
    }
    for (const headers of kind.others ?? []) {
      matchError(t, await service.request(method, path, undefined, headers), 'FORBIDDEN', /^This is the token of /, JSON.stringify(headers))
    }
    if (method === 'GET') {
      for (const headers of [...kind.wrong, ...kind.others ?? []]) t.not((await service.request('HEAD', path, undefined, headers)).status, 200, `HEAD ${JSON.stringify(headers)}`)
    }
    // Before anything else: who is not let in learns nothing of what there is, nor of what a request must look like.
    if (kind.code !== 'INVALID_SIGNATURE') {
      matchError(t, await service.request(method, `${path}?nonsense=1`, method === 'GET' ? undefined : '{', { 'content-type': 'application/json' }), kind.code)
    }
    t.same(await countRows(service.connectionString), before)
    for (const headers of kind.right) t.not((await service.request(method, path, undefined, headers)).status, 401, 'so that the others fail for their reason')
  })
}

t.test('what the document does not have is pages, which are only read', async t => {
  const documented = operations.map(({ name }) => name.replaceAll(/\{\w+\}/g, ':param'))
  const hidden = routesOf(service.app.printRoutes())
    .filter(({ method, path }) => !documented.includes(`${method === 'HEAD' ? 'GET' : method} ${path.replaceAll(/:\w+/g, ':param')}`))
  t.ok(hidden.some(({ path }) => path === '/assets/*'), 'the tree is read')
  for (const { method, path } of hidden) {
    const preflight = method === 'OPTIONS' && path === '*'
    t.ok(preflight || (['GET', 'HEAD'].includes(method) && PAGES.test(path)), `${method} ${path}`)
  }
})

t.test('what a page of another site can send without asking first is refused wherever something is changed', async t => {
  const before = await countRows(service.connectionString)
  for (const { name, method, path, proofs } of operations) {
    // Whoever calls the webhook needs Stripe's secret, and the body's type tells nothing.
    if (method === 'GET' || proofs.includes('stripeSignature')) continue
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      for (const body of ['', '{"email":"form@example.com","password":"correct horse battery"}']) {
        const token = proofs.includes('operatorToken') ? bearer(ADMIN_TOKEN) : proofs.includes('apiToken') ? bearer(API_TOKEN) : {}
        const headers = { ...token, ...cookie(userToken) }
        const answer = await service.request(method, path, body, { ...headers, 'content-type': type, origin: 'https://evil.example' })
        matchError(t, answer, 'CROSS_ORIGIN', undefined, `${name} ${type}`)
        t.notOk(answer.headers.has('set-cookie'))
        // Also by a browser that does not say where the page is from.
        const unnamed = await service.request(method, path, body, { ...headers, 'content-type': type })
        matchError(t, unnamed, 'UNSUPPORTED_MEDIA_TYPE', undefined, `${name} ${type}`)
        t.notOk(unnamed.headers.has('set-cookie'))
      }
    }
  }
  t.same(await countRows(service.connectionString), before)
})

/** The routes in the tree that Fastify prints: each line continues the one that it is indented below by four characters. */
function routesOf (tree: string): Array<{ method: string, path: string }> {
  const parts: string[] = []
  return tree.replaceAll('(empty root node)', '').split('\n').flatMap(line => {
    const [, indent = '', part = '', methods = ''] = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \((.+)\))?$/.exec(line) ?? []
    parts.splice(indent.length / 4, Infinity, part)
    return methods === '' ? [] : methods.split(', ').map(method => ({ method, path: parts.join('') }))
  })
}
