import type { SandboxContext } from '../context.js'
import { adjustBalance } from '../flows/balance.js'
import { notFound } from './errors.js'
import { BalanceBody, IdParams } from './schemas.js'
import type { ControlApp } from './schemas.js'

/** `/_sandbox/customers/:id/balance`: a credit or a debit as the shop's Dashboard gives it. */
export function balanceControl (app: ControlApp, context: SandboxContext): void {
  app.post('/customers/:id/balance', { schema: { params: IdParams, body: BalanceBody } }, async ({ params, body }) => {
    const customer = context.state.customers.get(params.id)
    if (customer === undefined) throw notFound('customer', params.id)
    const batch = context.events.batch()
    const currency = body.currency ?? customer.currency ?? 'usd'
    adjustBalance(context, batch, customer, { amount: body.amount, currency, type: 'adjustment' })
    return { customer, events: await batch.send() }
  })
}
