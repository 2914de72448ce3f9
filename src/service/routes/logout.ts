import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import type { FastifySchema } from 'fastify'
import { BODY_ERRORS, errorResponses } from '../../../schemas/error.js'
import { BODY_LIMIT } from '../../routes/limits.js'

export const logoutSchema = {
  operationId: 'logOut',
  tags: ['users'],
  summary: 'Log out',
  description: 'Removes the cookie from the browser; whoever has none is logged out already. ' +
    'A token that was kept elsewhere stays valid until it expires.',
  response: { 204: Type.Null({ description: 'The browser has no session any more.' }), ...errorResponses('CROSS_ORIGIN', ...BODY_ERRORS) }
} satisfies FastifySchema

const logoutRoute: FastifyPluginAsyncTypebox = async app => {
  app.post('/api/logout', { bodyLimit: BODY_LIMIT, schema: logoutSchema }, async (_request, reply) => {
    reply.logOut()
    return await reply.code(204).send(null)
  })
}

export default logoutRoute
