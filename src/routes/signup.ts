import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../schemas/common.js'
import { errorResponses } from '../../schemas/error.js'
import { Authentication, SignupRequest } from '../../schemas/signup.js'
import { createUser } from '../users/create-user.js'
import { clickIdOf } from './click-id.js'
import { BODY_LIMIT, rateLimited } from './limits.js'

export interface SignupRouteOptions {
  rateLimitPerMinute: number
}

export const signupSchema = {
  operationId: 'createUser',
  tags: ['users'],
  summary: 'Sign up',
  description: 'Stores the user and the lead together, and answers without waiting for Affitor.',
  body: ref(SignupRequest),
  response: { 201: ref(Authentication), ...errorResponses(409, 413, 415, 429) }
} satisfies FastifySchema

const signupRoute: FastifyPluginAsyncTypebox<SignupRouteOptions> = async (app, { rateLimitPerMinute }) => {
  app.post('/api/signup', {
    bodyLimit: BODY_LIMIT,
    config: rateLimited(rateLimitPerMinute),
    schema: signupSchema
  }, async (request, reply) => {
    const { email, password, affitorClickId } = request.body
    const userId = await createUser(app.db, { email, password, clickId: clickIdOf(request, affitorClickId) })
    app.notifier.notify('tracking_events')
    return await reply.code(201).send({ userId, accessToken: reply.logIn(userId) })
  })
}

export default signupRoute
