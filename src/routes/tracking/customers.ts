import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { CustomerStory, CustomerStoryParams } from '../../../schemas/customer-story.js'
import { errorResponses } from '../../../schemas/error.js'
import { ApiError } from '../../errors.js'
import { findCustomerStory } from '../../ledger/story.js'
import type { RouteContext } from '../context.js'
import { presentStory } from './presenters.js'

export const customerStorySchema = {
  tags: ['tracking'],
  security: [{ operatorToken: [] }],
  operationId: 'getCustomerStory',
  summary: 'Tell a customer\'s story',
  description: 'Click, lead, sessions, sales, renewals, refunds and every attempt, in order, each with why it was not attributed if it was not.',
  params: CustomerStoryParams,
  response: { 200: ref(CustomerStory), ...errorResponses(401, 404) }
} satisfies FastifySchema

const customerRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, document }) => {
  app.get('/customers/:customerKey', { schema: document(customerStorySchema) }, async request => {
    const { customerKey } = request.params
    const story = await findCustomerStory(db, customerKey)
    if (story === undefined) throw new ApiError('NOT_FOUND', 'Nothing is known of this customer key. It is the user\'s id, as signup answered it.')
    return presentStory(customerKey, story)
  })
}

export default customerRoutes
