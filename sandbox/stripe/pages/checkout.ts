import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type Stripe from 'stripe'
import { renderStandInPage } from '../../pages/frame.js'
import { payCheckout } from '../control/checkout.js'
import { ControlError, notFound } from '../control/errors.js'
import type { CheckoutMethod } from '../flows/checkout.js'
import { asForm, parseForm } from '../params.js'
import { isEmail } from '../routes/customers.js'
import { asksForEmail, renderCheckout } from './checkout-view.js'
import type { CheckoutProblem } from './checkout-view.js'
import type { StripePagesOptions } from './options.js'

// Stripe waits so long for the webhook's answer before it sends the buyer on (docs.stripe.com/checkout/fulfillment).
const WEBHOOK_WAIT_MS = 10_000

type SessionRequest = FastifyRequest<{ Params: { id: string } }>

/** The payment page at a session's `url`: forms, without any script. */
export async function checkoutPage (app: FastifyInstance, { context, links }: StripePagesOptions): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(formbody, { parser: parseForm })

  const find = ({ params: { id } }: SessionRequest): Stripe.Checkout.Session => {
    const session = context.state.sessions.get(id)
    if (session === undefined) throw notFound('Checkout Session', id)
    return session
  }

  const send = (reply: FastifyReply, status: number, title: string, main: string): FastifyReply =>
    reply.code(status).type('text/html; charset=utf-8').send(renderStandInPage({
      standIn: 'stripe', title, main, links: links(), narrow: true, styles: ['checkout.css']
    }))

  const show = (reply: FastifyReply, session: Stripe.Checkout.Session, problem?: CheckoutProblem): FastifyReply =>
    send(reply, problem?.status ?? 200, 'Checkout', renderCheckout(context, session, problem))

  app.setErrorHandler((error, request, reply) => {
    const { statusCode = 500, message } = error as { statusCode?: number, message: string }
    if (statusCode >= 500) request.log.error({ err: error }, 'stripe sandbox: a page failed')
    return send(reply, statusCode, 'Checkout', html`<h1>This did not work</h1><p class="notice" data-tone="bad">${message}</p>`)
  })

  app.get('/pay/:id', async (request: SessionRequest, reply) => show(reply, find(request)))

  for (const [path, method] of [['pay', 'card'], ['bank-debit', 'bank_debit']] as const) {
    app.post(`/pay/:id/${path}`, async (request: SessionRequest, reply) => {
      const session = find(request)
      const problem = await pay(session, method, asForm(request.body).email)
      if (problem !== undefined) return show(reply, session, problem)
      return reply.redirect((session.success_url ?? `/pay/${session.id}`).replaceAll('{CHECKOUT_SESSION_ID}', session.id), 303)
    })
  }

  app.post('/pay/:id/cancel', async (request: SessionRequest, reply) => {
    const session = find(request)
    return reply.redirect(session.cancel_url ?? `/pay/${session.id}`, 303)
  })

  /** Pays, or says what is wrong with it. Resolves when the shop knows, or has kept Stripe waiting for too long. */
  async function pay (session: Stripe.Checkout.Session, method: CheckoutMethod, typed: unknown): Promise<CheckoutProblem | undefined> {
    const asked = session.status === 'open' && asksForEmail(context, session)
    const email = typeof typed === 'string' ? typed.trim() : ''
    if (asked && !isEmail(email)) {
      const message = email === '' ? 'Enter your e-mail address.' : 'That is not an e-mail address. It looks like name@example.com.'
      return { status: 400, field: 'email', typed: email, message }
    }
    let timer: NodeJS.Timeout | undefined
    const waited = new Promise((resolve) => { timer = setTimeout(resolve, WEBHOOK_WAIT_MS).unref() })
    try {
      await Promise.race([payCheckout(context, session, { method, ...(asked && { email }) }), waited])
    } catch (error) {
      if (!(error instanceof ControlError)) throw error
      return { status: error.statusCode, message: error.message }
    } finally {
      clearTimeout(timer)
    }
    await context.saved()
  }
}
