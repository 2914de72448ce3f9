import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { CustomerSearch, SearchQuery } from '../../../schemas/operator.js'
import { describeCustomers, search } from '../../ledger/search.js'
import type { RouteContext } from '../context.js'
import { operatorRoute, READ_ERRORS } from './operator-route.js'

/** Most customers that are answered. */
const MOST = 20

export interface SearchRouteOptions extends RouteContext {
  /** The payment intent of a charge, asked of Stripe: no event of a payment names its charge. */
  paymentOfCharge (id: string): Promise<string | undefined>
}

export const searchSchema = {
  ...operatorRoute,
  operationId: 'searchCustomers',
  summary: 'Find customers',
  description: 'By e-mail, customer key, any id of Stripe, transaction id or click id: the customers that it belongs to, and why it matched.',
  querystring: SearchQuery,
  response: { 200: ref(CustomerSearch), ...errorResponses(...READ_ERRORS, 'STRIPE_UNAVAILABLE') }
} satisfies FastifySchema

const searchRoute: FastifyPluginAsyncTypebox<SearchRouteOptions> = async (app, { db, document, paymentOfCharge }) => {
  app.get('/search', { schema: document(searchSchema) }, async ({ query: { q } }) => {
    const text = q.trim()
    let found = await search(db, text, MOST)
    if (found.matches.length === 0 && /^(ch|py)_\w+$/.test(text)) {
      const payment = await paymentOfCharge(text)
      if (payment !== undefined) found = await search(db, payment, MOST)
    }
    return { customers: await describeCustomers(db, found.matches), truncated: found.truncated }
  })
}

export default searchRoute
