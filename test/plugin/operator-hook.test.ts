import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import type { onRequestAsyncHookHandler } from 'fastify'
import t from 'tap'
import affitor from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { hostOptions } from './host.js'

const hooks: Record<string, [onRequest: onRequestAsyncHookHandler, status: number, body: object]> = {
  'throws 401, as that of @fastify/jwt': [async request => await request.jwtVerify(), 401, { code: 'UNAUTHORIZED', message: /No Authorization was found/ }],
  'throws 403': [async () => { throw Object.assign(new Error('For admins only.'), { statusCode: 403 }) }, 403, { code: 'FORBIDDEN', message: 'For admins only.' }],
  'sends 401 in the app\'s own shape': [async (_request, reply) => await reply.code(401).send({ why: 'Log in.' }), 401, { why: 'Log in.' }],
  'sends 403 in the app\'s own shape': [async (_request, reply) => await reply.code(403).send({ why: 'For admins only.' }), 403, { why: 'For admins only.' }]
}

for (const [what, [onRequest, status, body]] of Object.entries(hooks)) {
  t.test(`a hook of the app that ${what} is heeded by the operator's routes`, async t => {
    const { connectionString } = await createTestDatabase(t)
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(jwt, { secret: 'the secret of the host' })
    await app.register(affitor, hostOptions(connectionString, { migrate: 'unchecked', operator: { onRequest } }))
    for (const url of ['/api/tracking/summary', '/api/tracking/events/1']) {
      const answer = await app.inject(url)
      t.equal(answer.statusCode, status, answer.body)
      t.match(answer.json(), body)
    }
  })
}
