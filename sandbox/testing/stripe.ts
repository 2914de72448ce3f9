import { stripeConfig } from '../stand-ins.js'
import type { ControlAnswer, RunningStripe } from '../stand-ins.js'
import type { ChangedSubscription, PaidSession, PaymentTerms, SentEvent, StripeStandIn } from './types.js'

/** What a payment is named by, by the beginning of its id. */
const TARGETS = { cs_: 'checkout_session', pi_: 'payment_intent', ch_: 'charge', py_: 'charge', in_: 'invoice' } as const

/** The stand-in for Stripe, as tests of an app use it. */
export function stripeForTests ({ url, secretKey, webhookSecret, client, sandbox, control }: RunningStripe): StripeStandIn {
  const post = (path: string, body: object = {}) => control('POST', path, body)
  const onSession = async (id: string, action: string, body?: object) => paidSession(await post(`/checkout/sessions/${id}/${action}`, body))
  const onSubscription = async (path: string, body: object) => changedSubscription(await post(`/subscriptions${path}`, body))

  return {
    url,
    secretKey,
    webhookSecret,
    config: stripeConfig(url),
    client: () => client,
    deliverTo: webhookUrl => sandbox.stripe.setWebhookUrl(webhookUrl),
    pay: (id, { method, email, ...terms } = {}) => onSession(id, 'pay', { method, email, ...termsBody(terms) }),
    clear: id => onSession(id, 'clear'),
    failPayment: id => onSession(id, 'fail-payment'),
    expire: id => onSession(id, 'expire'),
    async payIntent (id, outcome) {
      const { payment_intent: paymentIntent, charge, events } = await post(`/payment_intents/${id}/pay`, { outcome })
      return { paymentIntent: present(paymentIntent), charge, events: events.map(sentEvent) }
    },
    async payInvoice (id) {
      const { invoice, events } = await post(`/invoices/${id}/pay`)
      return { invoice: present(invoice), events: events.map(sentEvent) }
    },
    subscribe: ({ price, customer, email, metadata, quantity, trialDays, ...terms }) =>
      onSubscription('', { price, customer, email, metadata, quantity, trial_period_days: trialDays, ...termsBody(terms) }),
    renew: (id, { outcome, ...terms } = {}) => onSubscription(`/${id}/renew`, { outcome, ...termsBody(terms) }),
    upgrade: (id, price, terms = {}) => onSubscription(`/${id}/upgrade`, { price, ...termsBody(terms) }),
    cancel: (id, { atPeriodEnd } = {}) => onSubscription(`/${id}/cancel`, { at_period_end: atPeriodEnd }),
    async refund (payment, amountCents) {
      const { refund, charge, events } = await post('/refunds', { ...target(payment), amount: amountCents })
      return { refund, charge: present(charge), events: events.map(sentEvent) }
    },
    async dispute (payment, amountCents) {
      const { dispute, events } = await post('/disputes', { ...target(payment), amount: amountCents })
      return { dispute, events: events.map(sentEvent) }
    },
    async closeDispute (id, status) {
      const { dispute, events } = await post(`/disputes/${id}/close`, { status })
      return { dispute, events: events.map(sentEvent) }
    },
    events: () => [...sandbox.stripe.state.events.values()].map(({ event }) => event),
    async resend (id) {
      const { events } = await post(`/events/${id}/resend`)
      return sentEvent(present(events[0]))
    },
    async behave (behaviour) { await post('/behaviour', behaviour) },
    async release () {
      const { events } = await post('/events/release')
      return events.map(sentEvent)
    },
    async reset () {
      await control('DELETE', '/state')
      await control('DELETE', '/behaviour')
    }
  }
}

function paidSession ({ session, customer, subscription, invoice, payment_intent: paymentIntent, charge, events }: ControlAnswer): PaidSession {
  return { session, customer, subscription, invoice, paymentIntent, charge, events: events.map(sentEvent) }
}

function changedSubscription ({ subscription, invoice, events }: ControlAnswer): ChangedSubscription {
  return { subscription: present(subscription), invoice, events: events.map(sentEvent) }
}

function sentEvent ({ id, type, delivery, status, error }: SentEvent): SentEvent {
  return { id, type, delivery, status, error }
}

function termsBody ({ discountPercent, taxPercent }: PaymentTerms): object {
  return { discount_percent: discountPercent, tax_percent: taxPercent }
}

function target (payment: string): object {
  const kind = Object.entries(TARGETS).find(([beginning]) => payment.startsWith(beginning))?.[1]
  if (kind === undefined) throw new TypeError(`"${payment}" is no id of a Checkout Session (cs_), PaymentIntent (pi_), charge (ch_, py_) or invoice (in_).`)
  return { [kind]: payment }
}

function present<T> (value: T | null | undefined): T {
  if (value == null) throw new Error('The stand-in for Stripe answered less than it promises.')
  return value
}
