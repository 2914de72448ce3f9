import type { SandboxContext } from '../context.js'
import { notFound } from './errors.js'
import { eventRow, overviewOf } from './overview-rows.js'
import { BehaviourBody, CopyEventBody, IdParams } from './schemas.js'
import type { ControlApp } from './schemas.js'

/** `/_sandbox/events...`, `/_sandbox/requests`, `/_sandbox/behaviour`, `/_sandbox/overview`, `/_sandbox/state`. */
export function stateControl (app: ControlApp, context: SandboxContext, reset: () => void): void {
  const { behaviour, events, state } = context

  app.post('/events/:id/resend', { schema: { params: IdParams } }, async ({ params }) => {
    const stored = state.events.get(params.id)
    if (stored === undefined) throw notFound('event', params.id)
    return { events: [await events.resend(stored)] }
  })

  app.post('/events/:id/copy', { schema: { params: IdParams, body: CopyEventBody } }, async ({ params, body }) => {
    const stored = state.events.get(params.id)
    if (stored === undefined) throw notFound('event', params.id)
    return { events: [await events.copy(stored, body.account)] }
  })

  app.get('/requests', async () => ({ requests: context.requests.all() }))

  app.post('/events/release', async () => {
    behaviour.set({ ...behaviour.current, holdWebhooks: false })
    return { events: await events.release() }
  })

  app.post('/behaviour', { schema: { body: BehaviourBody } }, async ({ body }) => {
    behaviour.set(body)
    return { behaviour: behaviour.current }
  })

  app.delete('/behaviour', async () => {
    behaviour.set({})
    return { behaviour: behaviour.current }
  })

  app.get('/overview', async () => overviewOf(context))

  app.get('/state', async () => ({
    webhook_url: context.webhookUrl() ?? null,
    behaviour: behaviour.current,
    products: list(state.products),
    prices: list(state.prices),
    customers: list(state.customers),
    credit_notes: list(state.creditNotes),
    customer_balance_transactions: list(state.balanceTransactions),
    sessions: list(state.sessions).map((session) => ({ ...session, line_items: state.drafts.get(session.id)?.lineItems ?? [] })),
    subscriptions: list(state.subscriptions),
    invoices: list(state.invoices),
    invoice_items: list(state.invoiceItems),
    invoice_payments: list(state.invoicePayments),
    payment_intents: list(state.paymentIntents),
    charges: list(state.charges),
    quotes: list(state.quotes),
    refunds: list(state.refunds),
    disputes: list(state.disputes),
    webhook_endpoints: list(state.webhookEndpoints),
    events: list(state.events).map((stored) => ({ ...eventRow(stored), log: stored.attempts }))
  }))

  app.delete('/state', async (_request, reply) => {
    reset()
    return reply.code(204).send()
  })
}

/** Newest first. */
function list<T> (map: ReadonlyMap<string, T>): T[] {
  return [...map.values()].reverse()
}
