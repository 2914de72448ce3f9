import type { FastifyInstance } from 'fastify'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { get } from './api.js'

/** `/v1/payment_intents/:id`, `/v1/charges/:id`, `/v1/disputes/:id` */
export function paymentRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/payment_intents/:id', context, ({ params }) => {
    const found = state.paymentIntents.get(params.id)
    if (found === undefined) throw resourceMissing('payment_intent', params.id, 'intent', 404)
    return found
  })

  get(app, '/charges/:id', context, ({ params }) => {
    const found = state.charges.get(params.id)
    if (found === undefined) throw resourceMissing('charge', params.id, 'id', 404)
    return found
  })

  get(app, '/disputes/:id', context, ({ params }) => {
    const found = state.disputes.get(params.id)
    if (found === undefined) throw resourceMissing('dispute', params.id, 'dispute', 404)
    return found
  })
}
