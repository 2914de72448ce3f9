import type { FastifyInstance } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { accountHeader, asAccount } from '../account.js'
import type { SandboxContext } from '../context.js'
import { balanceControl } from './balance.js'
import { checkoutControl } from './checkout.js'
import { disputeControl } from './disputes.js'
import { setUpControlErrors } from './errors.js'
import { invoiceControl } from './invoices.js'
import { paymentIntentControl } from './payment-intents.js'
import { refundControl } from './refunds.js'
import { stateControl } from './state.js'
import { subscriptionControl } from './subscriptions.js'

/** The control surface under `/_sandbox`: JSON, no authentication, for tests, the demo and the control page. */
export async function controlRoutes (
  app: FastifyInstance, { context, reset }: { context: SandboxContext, reset: () => void }
): Promise<void> {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else parseJson(request, body.toString(), done)
  })
  app.addHook('preValidation', async (request) => { request.body ??= {} })
  // What happens to a connected account's objects: its events carry the account, as what the API makes for it.
  app.addHook('preHandler', (request, _reply, done) => { asAccount(accountHeader(request.headers['stripe-account']), done) })
  // Nothing is answered before it is on disk.
  app.addHook('onSend', async (request) => {
    if (request.method === 'GET') return
    context.changed()
    await context.saved()
  })
  setUpControlErrors(app)
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()
  balanceControl(typed, context)
  checkoutControl(typed, context)
  subscriptionControl(typed, context)
  invoiceControl(typed, context)
  paymentIntentControl(typed, context)
  refundControl(typed, context)
  disputeControl(typed, context)
  stateControl(typed, context, reset)
}
