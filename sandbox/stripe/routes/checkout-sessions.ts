import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, resourceMissing } from '../errors.js'
import { applyTerms } from '../flows/checkout.js'
import { expireSession, intentsOf } from '../flows/session-end.js'
import { createdFilter, linesPage, listPage } from '../list.js'
import { readString } from '../params.js'
import { get, post } from './api.js'
import { readCheckoutSession } from './checkout-session-params.js'

/** `/v1/checkout/sessions` */
export function checkoutSessionRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string) => {
    const session = state.sessions.get(id)
    if (session === undefined) throw resourceMissing('checkout.session', id, 'session', 404)
    return session
  }

  post(app, '/checkout/sessions', context, ({ form, host }) => {
    const { session, draft } = readCheckoutSession(context, form)
    session.url = `${context.publicUrl(host)}/pay/${session.id}`
    if (session.mode === 'setup') Object.assign(session, { amount_subtotal: null, amount_total: null, total_details: null })
    else applyTerms(session, draft, {})
    state.sessions.set(session.id, session)
    state.drafts.set(session.id, draft)
    return session
  })

  get(app, '/checkout/sessions', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const intent = readString(form, 'payment_intent')
    const status = readString(form, 'status')
    const subscription = readString(form, 'subscription')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/checkout/sessions',
      query: form,
      items: state.sessions.values(),
      resource: 'checkout.session',
      filters: ['created', 'customer', 'payment_intent', 'status', 'subscription'],
      matches: (session) => created(session) &&
        (customer === undefined || (session.customer !== null && idOf(session.customer) === customer)) &&
        (intent === undefined || intentsOf(context, session).includes(intent)) &&
        (status === undefined || session.status === status) &&
        (subscription === undefined || (session.subscription !== null && idOf(session.subscription) === subscription))
    })
  })

  get(app, '/checkout/sessions/:id', context, ({ params }) => find(params.id))

  get(app, '/checkout/sessions/:id/line_items', context, ({ params, form }) =>
    linesPage(`/v1/checkout/sessions/${find(params.id).id}/line_items`, form, state.drafts.get(params.id)?.lineItems ?? []))

  post(app, '/checkout/sessions/:id/expire', context, ({ params, origin }) => {
    const session = find(params.id)
    if (session.status !== 'open') {
      throw invalidRequest(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`
      )
    }
    expireSession(context, session, context.events.batch(origin))
    return session
  })
}
