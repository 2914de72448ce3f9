import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { CustomerStory, CustomerStoryParams } from '../../../schemas/customer-story.js'
import { errorResponses, notFound } from '../../../schemas/error.js'
import { ApiError } from '../../errors.js'
import { findCustomerStory } from '../../ledger/story.js'
import type { RouteContext } from '../context.js'
import { operatorRoute, READ_ERRORS, UNKNOWN_CUSTOMER } from './operator-route.js'
import { presentStory } from './presenters.js'

export const customerStorySchema = {
  ...operatorRoute,
  operationId: 'getCustomerStory',
  summary: 'Tell a customer\'s story',
  description: 'Click, lead, sessions, sales, renewals, refunds and every attempt, in order, each with why it was not attributed if it was not.',
  params: CustomerStoryParams,
  response: { 200: ref(CustomerStory), ...errorResponses(...READ_ERRORS, notFound('Customer', UNKNOWN_CUSTOMER)) }
} satisfies FastifySchema

const customerRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, document }) => {
  app.get('/customers/:customerKey', { schema: document(customerStorySchema) }, async request => {
    const { customerKey } = request.params
    const story = await findCustomerStory(db, customerKey)
    if (story === undefined) throw new ApiError('NOT_FOUND', UNKNOWN_CUSTOMER)
    return presentStory(customerKey, story)
  })
}

export default customerRoutes
