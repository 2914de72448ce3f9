import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../../schemas/common.js'
import { errorResponses } from '../../../../schemas/error.js'
import { AttributionMetadata, AttributionRequest } from '../../../../schemas/facts.js'
import { clickOfLead } from '../../../ledger/lookups.js'
import { BODY_LIMIT } from '../../../routes/limits.js'
import { FACT_ERRORS, factRoute } from './fact-route.js'

export const attributionSchema = {
  ...factRoute,
  operationId: 'getAttribution',
  summary: 'Get what attributes a payment',
  description: 'The metadata to put on Stripe objects that the backend makes itself: on a Checkout Session, and, as renewals and refunds do not ' +
    'carry the session\'s, on its `subscription_data` or `payment_intent_data` too.',
  body: ref(AttributionRequest),
  response: { 200: ref(AttributionMetadata), ...errorResponses(...FACT_ERRORS) }
} satisfies FastifySchema

const attributionRoute: FastifyPluginAsyncTypebox = async app => {
  app.post('/api/attribution', { bodyLimit: BODY_LIMIT, schema: attributionSchema }, async ({ body: { customerKey, clickId } }) =>
    app.affitor.attributionMetadata({ customerExternalId: customerKey, clickId: clickId || await clickOfLead(app.db, customerKey) }) as AttributionMetadata)
}

export default attributionRoute
