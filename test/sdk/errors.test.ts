import t from 'tap'
import * as sdk from '../../sdk/index.js'
import { AffitorServiceError, ConflictError, ConnectionError, createClient } from '../../sdk/index.js'
import { ERRORS } from '../../schemas/error.js'
import { serve } from '../helpers/serve.js'
import type { Served } from '../helpers/serve.js'

const credentials = { email: 'ada@example.com', password: 'correct horse battery' }

t.test('every failure has the shape of the service\'s errors, whoever answered', async t => {
  const html = { 'content-type': 'text/html' }
  const json = { 'content-type': 'application/json' }
  const own = { statusCode: 409, code: 'EMAIL_TAKEN', error: 'Conflict', message: 'A user with this e-mail exists already.' }
  const cases: Array<[name: string, served: Served, error: object]> = [
    ['nothing', { status: 503 }, { statusCode: 503, code: 'UNEXPECTED_ANSWER', error: 'Service Unavailable', message: 'The service answered 503.' }],
    ['nothing, in chunks', { status: 503, headers: { 'transfer-encoding': 'chunked' } }, { statusCode: 503, code: 'UNEXPECTED_ANSWER' }],
    ['a page', { status: 502, headers: html, body: '<h1>Bad Gateway</h1>' }, { statusCode: 502, code: 'UNEXPECTED_ANSWER', message: 'The service answered 502.' }],
    ['other JSON', { status: 403, headers: json, body: '{"message":"No.","code":7}' }, { statusCode: 403, code: 'UNEXPECTED_ANSWER', message: 'No.' }],
    ['null', { status: 500, headers: json, body: 'null' }, { statusCode: 500, code: 'UNEXPECTED_ANSWER', message: 'The service answered 500.' }],
    ['a page as success', { status: 200, headers: html, body: '<h1>Log in to the proxy</h1>' }, { statusCode: 200, code: 'UNEXPECTED_ANSWER' }],
    ['nothing as success', { status: 200 }, { statusCode: 200, code: 'UNEXPECTED_ANSWER' }],
    ['the service', { status: 409, headers: json, body: JSON.stringify(own) }, own]
  ]
  for (const [name, served, expected] of cases) {
    const client = createClient({ baseUrl: await serve(t, () => served) })
    for (const answer of [await client.POST('/api/signup', { body: credentials }), await client.request('post', '/api/signup', { body: credentials })]) {
      t.match(answer.error, { error: String, message: String, ...expected }, name)
      t.equal(answer.data, undefined, name)
      t.equal(answer.response.status, served.status, name)
    }
  }
})

t.test('a network that fails rejects, and an answer without a body is none', async t => {
  const gone = createClient({ baseUrl: await serve(t, (_, response) => { response.destroy(); return undefined }) })
  await t.rejects(gone.POST('/api/signup', { body: credentials }), TypeError)
  const client = createClient({ baseUrl: await serve(t, () => ({ status: 204 })) })
  t.match(await client.POST('/api/logout'), { error: undefined, response: { status: 204 } })
})

t.test('a method rejects with the class of the answer\'s status, which is that of every code of the service', async t => {
  const codes = Object.entries(ERRORS).map(([code, [status, message]]) => ({ status, body: { statusCode: status, code, error: 'Told', message } }))
  const classes = Object.values(sdk).filter(value => 'status' in value) as Array<typeof ConflictError>
  for (const { status, body } of codes) {
    const client = createClient({ baseUrl: await serve(t, () => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })), maxRetries: 0 })
    const error = await client.getLiveness().catch((reason: unknown) => reason) as AffitorServiceError
    const own = classes.find(each => error instanceof each)
    t.ok(error instanceof AffitorServiceError)
    t.match(error, { code: body.code, status })
    t.equal(own?.status, status, body.code)
    t.equal(error.name, own?.name)
  }
  const teapot = createClient({ baseUrl: await serve(t, () => ({ status: 418 })) })
  await t.rejects(teapot.getLiveness(), { name: 'AffitorServiceError', code: 'UNEXPECTED_ANSWER', status: 418 })
  const gone = createClient({ baseUrl: await serve(t, (_, response) => { response.destroy(); return undefined }), maxRetries: 0 })
  const error = await gone.getLiveness().catch((reason: unknown) => reason)
  t.ok(error instanceof ConnectionError)
  t.match(error, { name: 'ConnectionError', code: 'NO_ANSWER', status: undefined })
})
