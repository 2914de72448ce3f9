import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import { ControlError } from '../control/errors.js'
import { payCheckout } from '../control/checkout.js'
import { formatAmount } from '../flows/amounts.js'
import type { CheckoutMethod } from '../flows/checkout.js'
import { methodType } from '../flows/checkout.js'
import { asForm, parseForm } from '../params.js'
import { isEmail } from '../routes/customers.js'
import { escapeHtml, htmlPage } from './html.js'

// Stripe waits so long for the webhook's answer before it sends the buyer on (docs.stripe.com/checkout/fulfillment).
const WEBHOOK_WAIT_MS = 10_000

interface Params { id: string }

/** The payment page at a session's `url`. */
export async function checkoutPages (app: FastifyInstance, { context }: { context: SandboxContext }): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(formbody, { parser: parseForm })
  const find = (id: string): Stripe.Checkout.Session => {
    const session = context.state.sessions.get(id)
    if (session === undefined) throw new ControlError(404, 'NOT_FOUND', 'There is no such Checkout Session.')
    return session
  }

  app.setErrorHandler((error, _request, reply) => {
    const { statusCode = 500, message } = error as { statusCode?: number, message: string }
    return send(reply, statusCode, htmlPage('Something went wrong', `<p>${escapeHtml(message)}</p>`))
  })

  app.get<{ Params: Params }>('/pay/:id', async (request, reply) =>
    send(reply, 200, renderCheckout(context, find(request.params.id))))

  for (const [path, method] of [['pay', 'card'], ['bank-debit', 'bank_debit']] as const) {
    app.post<{ Params: Params }>(`/pay/:id/${path}`, async (request, reply) => {
      const session = find(request.params.id)
      const email = asForm(request.body).email
      await pay(context, session, method, typeof email === 'string' ? email : undefined)
      return reply.redirect((session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id), 303)
    })
  }

  app.post<{ Params: Params }>('/pay/:id/cancel', async (request, reply) => {
    const session = find(request.params.id)
    return reply.redirect(session.cancel_url ?? `/pay/${session.id}`, 303)
  })
}

async function pay (
  context: SandboxContext, session: Stripe.Checkout.Session, method: CheckoutMethod, email: string | undefined
): Promise<void> {
  if (email !== undefined && !isEmail(email)) throw new ControlError(400, 'EMAIL', 'That is not an e-mail address.')
  let timer: NodeJS.Timeout | undefined
  const paid = payCheckout(context, session, { method, email })
  const waited = new Promise((resolve) => { timer = setTimeout(resolve, WEBHOOK_WAIT_MS).unref() })
  await Promise.race([paid, waited]).finally(() => clearTimeout(timer))
  await context.saved()
}

function send (reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'").send(html)
}

function renderCheckout (context: SandboxContext, session: Stripe.Checkout.Session): string {
  const items = context.state.drafts.get(session.id)?.lineItems ?? []
  const currency = session.currency ?? 'usd'
  const rows = items.map((item) => `<tr><td>${escapeHtml(item.description ?? '')}${(item.quantity ?? 1) > 1 ? ` × ${item.quantity}` : ''}` +
    `${escapeHtml(intervalText(item.price))}</td><td>${escapeHtml(formatAmount(item.amount_total, item.currency))}</td></tr>`)
  const total = escapeHtml(formatAmount(session.amount_total ?? 0, currency))
  const table = `<table>
<caption>Your order</caption>
<thead><tr><th scope="col">Product</th><th scope="col">Amount</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
<tfoot><tr><th scope="row">Due today</th><td><strong>${total}</strong></td></tr></tfoot>
</table>`
  const notice = '<p>This page stands in for Stripe Checkout. No money moves.</p>'
  if (session.status !== 'open') {
    return htmlPage('Checkout', `${notice}${table}<p role="status">This Checkout Session is ${session.status}.</p>`)
  }
  return htmlPage('Checkout', notice + table + renderForms(session, total))
}

function renderForms (session: Stripe.Checkout.Session, total: string): string {
  const path = `/pay/${escapeHtml(session.id)}`
  const known = session.customer !== null || session.customer_email !== null
  const email = (id: string): string => known
    ? ''
    : `<p><label for="${id}">E-mail</label><input id="${id}" name="email" type="email" autocomplete="email" required></p>`
  const verb = session.mode === 'payment' ? 'Pay' : 'Subscribe and pay'
  return [
    `<form method="post" action="${path}/pay">${email('email')}<button>${verb} ${total}</button></form>`,
    methodType(session, 'bank_debit') !== null &&
      `<form method="post" action="${path}/bank-debit">${email('email-debit')}<button>Pay later (bank debit)</button></form>`,
    session.cancel_url !== null && `<form method="post" action="${path}/cancel"><button>Cancel</button></form>`
  ].filter(Boolean).join('\n')
}

function intervalText (price: Stripe.Price | null): string {
  if (!price?.recurring) return ''
  const { interval, interval_count: count } = price.recurring
  return count === 1 ? `, every ${interval}` : `, every ${count} ${interval}s`
}
