import type { SandboxContext } from '../context.js'
import { createRefund, settleRefund } from '../flows/refund.js'
import { conflict, notFound } from './errors.js'
import { IdParams, RefundBody, SettleRefundBody } from './schemas.js'
import type { ControlApp } from './schemas.js'
import { findCharge } from './target.js'

/** `/_sandbox/refunds...`: refunds as the shop's Dashboard makes them, and what the bank does with pending ones. */
export function refundControl (app: ControlApp, context: SandboxContext): void {
  app.post('/refunds', { schema: { body: RefundBody } }, async ({ body }) => {
    const { amount, reason = 'requested_by_customer', status = 'succeeded', ...target } = body
    const result = createRefund(context, { charge: findCharge(context, target), amount, reason, status })
    return { ...result, events: await result.events }
  })

  app.post('/refunds/:id/settle', { schema: { params: IdParams, body: SettleRefundBody } }, async ({ params, body }) => {
    const refund = context.state.refunds.get(params.id)
    if (refund === undefined) throw notFound('refund', params.id)
    if (refund.status !== 'pending') throw conflict('NOT_PENDING', `The refund '${refund.id}' is ${refund.status}, not pending.`)
    const result = settleRefund(context, refund, body.status === 'succeeded')
    return { ...result, events: await result.events }
  })
}
