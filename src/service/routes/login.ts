import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { BODY_ERRORS, errorResponses } from '../../../schemas/error.js'
import { LoginRequest } from '../../../schemas/login.js'
import { Authentication } from '../../../schemas/signup.js'
import { ApiError } from '../../errors.js'
import { verifyPassword } from '../users/passwords.js'
import { findUserByEmail } from '../users/users.js'
import { BODY_LIMIT } from '../../routes/limits.js'
import { limitedByAccount, rateLimited } from './rate-limits.js'

export interface LoginRouteOptions {
  rateLimitPerMinute: number
}

export const loginSchema = {
  operationId: 'logIn',
  tags: ['users'],
  summary: 'Log in',
  description: 'Takes the same time whether or not the e-mail is known.',
  body: ref(LoginRequest),
  response: { 200: ref(Authentication), ...errorResponses('INVALID_CREDENTIALS', 'CROSS_ORIGIN', ...BODY_ERRORS, 'RATE_LIMITED') }
} satisfies FastifySchema

const loginRoute: FastifyPluginAsyncTypebox<LoginRouteOptions> = async (app, { rateLimitPerMinute }) => {
  app.post('/api/login', {
    bodyLimit: BODY_LIMIT,
    config: rateLimited(rateLimitPerMinute),
    preHandler: limitedByAccount(app, rateLimitPerMinute),
    schema: loginSchema
  }, async (request, reply) => {
    const user = await findUserByEmail(app.db, request.body.email)
    const matches = await verifyPassword(user?.passwordHash, request.body.password)
    if (user === undefined || !matches) throw new ApiError('INVALID_CREDENTIALS')
    return { userId: user.id, accessToken: reply.logIn(user.id) }
  })
}

export default loginRoute
