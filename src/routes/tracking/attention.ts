import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { Attention, ChangedByReason, ResolveByReasonBody, RetryByReasonBody } from '../../../schemas/operator.js'
import { ApiError } from '../../errors.js'
import { attentionByReason, resolveByReason, retryByReason } from '../../ledger/operator-actions.js'
import { retryRefusal } from '../../ledger/reasons.js'
import { logFactEnd } from '../../observability/fact-end.js'
import type { RouteContext } from '../context.js'
import { BODY_LIMIT } from '../limits.js'
import { operatorRoute, READ_ERRORS, WRITE_ERRORS } from './operator-route.js'

export const attentionSchema = {
  ...operatorRoute,
  operationId: 'getAttention',
  summary: 'Say what needs a person',
  description: 'What needs attention, by reason, each with what to do about it.',
  response: { 200: ref(Attention), ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

export const retryByReasonSchema = {
  ...operatorRoute,
  operationId: 'retryByReason',
  summary: 'Send all facts of one reason again',
  description: 'All that need attention for this reason, each as if it alone were retried. 409 where sending again would be wrong.',
  body: RetryByReasonBody,
  response: { 200: ref(ChangedByReason), ...errorResponses(...WRITE_ERRORS, 'NOT_RETRYABLE') }
} satisfies FastifySchema

export const resolveByReasonSchema = {
  ...operatorRoute,
  operationId: 'resolveByReason',
  summary: 'Say that a person has dealt with all facts of one reason',
  description: 'All that need attention for this reason, each with the same note.',
  body: ResolveByReasonBody,
  response: { 200: ref(ChangedByReason), ...errorResponses(...WRITE_ERRORS) }
} satisfies FastifySchema

const attentionRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, notifier, document }) => {
  app.get('/attention', { schema: document(attentionSchema) }, async () => ({ groups: await attentionByReason(db) }))

  app.post('/attention/retry', { bodyLimit: BODY_LIMIT, schema: document(retryByReasonSchema) }, async request => {
    const { reason, by } = request.body
    const refusal = retryRefusal(reason)
    if (refusal !== undefined) throw new ApiError('NOT_RETRYABLE', refusal)
    const changed = await retryByReason(db, reason, by)
    notifier.notify('tracking_events')
    return changed
  })

  app.post('/attention/resolve', { bodyLimit: BODY_LIMIT, schema: document(resolveByReasonSchema) }, async request => {
    const { reason, ...deed } = request.body
    const { facts, ...changed } = await resolveByReason(db, reason, deed)
    for (const fact of facts) logFactEnd(request.log, { ...fact, state: 'resolved' })
    return changed
  })
}

export default attentionRoutes
