import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { closeDispute, isOpen, openDispute } from '../flows/dispute.js'
import { conflict, ControlError, notFound } from './errors.js'
import { CloseDisputeBody, DisputeBody, IdParams } from './schemas.js'
import type { ControlApp } from './schemas.js'
import { findCharge } from './target.js'

/** `/_sandbox/disputes...`: what a buyer's bank does. */
export function disputeControl (app: ControlApp, context: SandboxContext): void {
  const { disputes } = context.state

  app.post('/disputes', { schema: { body: DisputeBody } }, async ({ body }) => {
    const { amount, inquiry = false, ...target } = body
    const charge = findCharge(context, target)
    if (amount !== undefined && amount > charge.amount_captured) {
      throw new ControlError(400, 'AMOUNT', `The charge '${charge.id}' is only of ${charge.amount_captured}.`)
    }
    if ([...disputes.values()].some((one) => idOf(one.charge) === charge.id && isOpen(one))) {
      throw conflict('DISPUTED', `The charge '${charge.id}' is disputed already.`)
    }
    const result = openDispute(context, charge, { amount, inquiry })
    return { ...result, events: await result.events }
  })

  app.post('/disputes/:id/close', { schema: { params: IdParams, body: CloseDisputeBody } }, async ({ params, body }) => {
    const dispute = disputes.get(params.id)
    if (dispute === undefined) throw notFound('dispute', params.id)
    if (!isOpen(dispute)) throw conflict('CLOSED', `The dispute '${dispute.id}' is ${dispute.status} already.`)
    const result = closeDispute(context, dispute, body.status)
    return { ...result, events: await result.events }
  })
}
