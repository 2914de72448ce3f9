import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses, notFound } from '../../../schemas/error.js'
import { CustomerExport, PersonalDataParams, PersonalDataRemoval } from '../../../schemas/personal-data.js'
import type { Transaction } from '../../db/pool.js'
import { ApiError } from '../../errors.js'
import { findCustomerRows } from '../../ledger/customer-export.js'
import { deletePersonalData } from '../../ledger/personal-data.js'
import type { RouteContext } from '../context.js'
import { BODY_LIMIT } from '../limits.js'
import { operatorRoute, READ_ERRORS, UNKNOWN_CUSTOMER, WRITE_ERRORS } from './operator-route.js'
import { presentAction, presentStripeEvent, presentTrackingEvent } from './presenters.js'

export interface PersonalDataRouteOptions extends RouteContext {
  /** Removes what the app itself has of a customer, in the same transaction. */
  forgetCustomer: (customerKey: string, tx: Transaction) => Promise<void>
  /** What the app itself has of a customer. */
  exportCustomer: (customerKey: string) => Promise<unknown>
}

const shared = { ...operatorRoute, params: PersonalDataParams }

export const deletePersonalDataSchema = {
  ...shared,
  operationId: 'deletePersonalData',
  summary: 'Delete a customer\'s personal data',
  description: 'Removes e-mail, click id, and what else tells who the customer is, from facts, Stripe events, attempts and notes, and from ' +
    'what still comes. Amounts and ids stay, so that nothing is counted twice. 409 while something of the customer is on its way.',
  response: { 200: ref(PersonalDataRemoval), ...errorResponses(...WRITE_ERRORS, notFound('Customer', UNKNOWN_CUSTOMER), 'CUSTOMER_BUSY') }
} satisfies FastifySchema

export const exportCustomerSchema = {
  ...shared,
  operationId: 'exportCustomer',
  summary: 'Export a customer',
  description: 'Everything that is stored of one customer, as a file.',
  response: { 200: ref(CustomerExport), ...errorResponses(...READ_ERRORS, notFound('Customer', UNKNOWN_CUSTOMER)) }
} satisfies FastifySchema

const personalDataRoutes: FastifyPluginAsyncTypebox<PersonalDataRouteOptions> = async (app, { db, document, forgetCustomer, exportCustomer }) => {
  app.delete('/customers/:customerKey/personal-data', {
    bodyLimit: BODY_LIMIT,
    schema: document(deletePersonalDataSchema)
  }, async request => {
    const { customerKey } = request.params
    const deletion = await deletePersonalData(db, customerKey, tx => forgetCustomer(customerKey, tx))
    if (deletion === undefined) throw new ApiError('NOT_FOUND', UNKNOWN_CUSTOMER)
    if ('removed' in deletion) return { customerKey, ...deletion.removed }
    const { pendingFacts, unreadStripeEvents } = deletion
    throw new ApiError('CUSTOMER_BUSY', `Not yet sent facts of this customer: ${pendingFacts}, not yet read Stripe events: ${unreadStripeEvents}. ` +
      'They would reach Affitor without the click that earns the partner the commission. Wait until they are through, or take the facts out of line ' +
      '(POST /api/tracking/events/{id}/hold); then try again.')
  })

  app.get('/customers/:customerKey/export', { schema: document(exportCustomerSchema) }, async (request, reply) => {
    const { customerKey } = request.params
    const rows = await findCustomerRows(db, customerKey)
    if (rows === undefined) throw new ApiError('NOT_FOUND', UNKNOWN_CUSTOMER)
    const user = await exportCustomer(customerKey)
    return reply.header('content-disposition', 'attachment; filename="customer.json"').header('cache-control', 'no-store').send({
      customerKey,
      forgottenAt: rows.forgottenAt?.toISOString() ?? null,
      user: user ?? null,
      facts: rows.facts.map(presentTrackingEvent),
      attempts: rows.attempts.map(({ finishedAt, id: _id, ...attempt }) => ({ at: finishedAt.toISOString(), attempt })),
      stripeEvents: rows.stripeEvents.map(({ payload, ...event }) => ({ event: presentStripeEvent(event), payload: contentOf(payload) })),
      checkouts: rows.checkouts.map(({ id, priceId, mode, quantity, createdAt }) => ({
        at: createdAt.toISOString(), checkout: { sessionId: id, priceId, mode, quantity }
      })),
      stripeReferences: rows.stripeReferences.map(({ reference, livemode, since }) => ({ reference, livemode, since: since.toISOString() })),
      saleReferences: rows.saleReferences,
      operatorActions: rows.operatorActions.map(presentAction)
    })
  })
}

/** Deepest nesting that is written as JSON without running out of stack; Stripe's own events have ten. */
const DEEPEST = 500

/** What an event says; its text, where a signed event is nested deeper than can be written again. */
function contentOf (payload: string): unknown {
  let depth = 0
  for (const [token] of payload.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth++
    if (token === ']' || token === '}') depth--
    if (depth > DEEPEST) return payload
  }
  return JSON.parse(payload)
}

export default personalDataRoutes
