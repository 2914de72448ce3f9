import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { BODY_ERRORS, errorResponses } from '../../../schemas/error.js'
import { Authentication, SignupHeaders, SignupRequest } from '../../../schemas/signup.js'
import { ApiError } from '../../errors.js'
import { logFactReported } from '../../observability/fact-end.js'
import { isCommonPassword } from '../users/common-passwords.js'
import { createUser } from '../users/create-user.js'
import { BODY_LIMIT } from '../../routes/limits.js'
import { rateLimited } from './rate-limits.js'

export interface SignupRouteOptions {
  rateLimitPerMinute: number
}

const TOO_COMMON = 'body/password is one of the most common passwords, which are the first to be guessed. Choose another one.'

export const signupSchema = {
  operationId: 'createUser',
  tags: ['users'],
  summary: 'Sign up',
  description: 'Stores the user and the lead together, and answers without waiting for Affitor.',
  headers: SignupHeaders,
  body: ref(SignupRequest),
  response: { 201: ref(Authentication), ...errorResponses('CROSS_ORIGIN', ...BODY_ERRORS, 'EMAIL_TAKEN', 'IDEMPOTENCY_KEY_REUSED', 'RATE_LIMITED') }
} satisfies FastifySchema

const signupRoute: FastifyPluginAsyncTypebox<SignupRouteOptions> = async (app, { rateLimitPerMinute }) => {
  app.post('/api/signup', {
    bodyLimit: BODY_LIMIT,
    config: rateLimited(rateLimitPerMinute),
    schema: signupSchema
  }, async (request, reply) => {
    const { email, password } = request.body
    if (await isCommonPassword(password)) throw new ApiError('INVALID_REQUEST', TOO_COMMON)
    const { userId, leadId } = await createUser(app.db, { email, password, clickId: app.affitor.clickId(request), idempotencyKey: request.headers['idempotency-key'] })
    if (leadId !== undefined) {
      logFactReported(request.log, { id: leadId, kind: 'lead', customerKey: userId })
      app.notifier.notify('tracking_events')
    }
    return await reply.code(201).send({ userId, accessToken: reply.logIn(userId) })
  })
}

export default signupRoute
