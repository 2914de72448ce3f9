import t from 'tap'
import type Stripe from 'stripe'
import { newId } from '../../sandbox/stripe/ids.js'
import { paymentIntent, price, recurring } from '../../sandbox/stripe/objects/index.js'
import { interpret, objectsOf } from '../../src/stripe/interpret/index.js'
import type { InterpretContext } from '../../src/stripe/interpret/interpretation.js'
import { intervalOfInvoice, paymentIntentsOfInvoice, subscriptionMetadata, subscriptionOfInvoice, taxOfInvoice } from '../../src/stripe/interpret/objects.js'
import type { AnyInvoice } from '../../src/stripe/interpret/objects.js'
import { countedAmount } from '../../src/stripe/interpret/sale.js'
import { disputeOf, families, familiesOf, metadataOf, paidInvoice, paidSession, paymentOf, refundedCharge, refundOf, since, stripeEvent } from '../fixtures/index.js'
import type { AnyEvent } from '../fixtures/index.js'

const buyer = { userId: 'user_1', affitorClickId: 'cust_1_1714000000000' }
const settings: InterpretContext['settings'] = {
  programId: '42', livemode: false, saleSource: 'webhook', saleAmount: 'gross', countUpgrades: true, countOutOfBandPayments: true, sendProductId: true, connectedAccounts: new Set(), currencies: new Set(['USD'])
}

/** A ledger that holds one sale, and a Stripe that knows nothing. */
function contextWith (saleId: string): InterpretContext {
  return {
    settings,
    ledger: {
      sale: async id => id === saleId
        ? { transactionId: saleId, customerKey: buyer.userId, reason: null, payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false } }
        : undefined,
      saleReferredBy: async () => saleId,
      hasEarlierSale: async () => false,
      hasLead: async () => false,
      customerReferredBy: async () => undefined,
      refundsOf: async () => []
    },
    stripe: {
      subscription: async () => undefined,
      price: async () => undefined,
      quote: async () => undefined,
      creditNote: async () => undefined,
      charge: async () => undefined,
      paymentIntent: async () => undefined,
      invoice: async () => undefined,
      session: async () => undefined,
      sessionLines: async () => [],
      invoiceLines: async () => [],
      sessionOfSubscription: async () => undefined,
      sessionOfPaymentIntent: async () => undefined,
      paidInvoices: async () => [],
      invoiceOfPaymentIntent: async () => undefined,
      paymentIntentsOfInvoice: async () => [],
      refunds: async () => [],
      disputes: async () => []
    }
  }
}

const payment = newId('pi_3')
const examples = {
  'checkout.session.completed': paidSession(buyer),
  'checkout.session.async_payment_succeeded': paidSession(buyer),
  'checkout.session.async_payment_failed': paidSession(buyer, { payment_status: 'unpaid' }),
  'invoice.paid': paidInvoice(buyer),
  'invoice.payment_succeeded': paidInvoice(buyer, { tax: 300 }),
  'invoice_payment.paid': paymentOf(newId('in_1'), payment, 1900),
  'payment_intent.succeeded': paymentIntent({ id: payment, amount_received: 4900, status: 'succeeded', metadata: metadataOf(buyer) }),
  'refund.created': refundOf(payment, 1000),
  'refund.updated': refundOf(payment, 1000),
  'refund.failed': refundOf(payment, 1000, { status: 'failed' }),
  'charge.refund.updated': refundOf(payment, 1000),
  'charge.refunded': refundedCharge(payment, 4900, 1000),
  'charge.dispute.created': disputeOf(payment, 4900, { status: 'needs_response' }),
  'charge.dispute.closed': disputeOf(payment, 4900),
  'charge.dispute.funds_reinstated': disputeOf(payment, 4900, { status: 'won' })
}

function deepFreeze<T> (value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(Object.freeze(value))) deepFreeze(inner)
  return value
}

t.test('interpreters are pure: they change no event, and say the same of the same', async t => {
  for (const [type, object] of Object.entries(examples)) {
    for (const family of familiesOf(type as keyof typeof examples)) {
      const made = stripeEvent(type as keyof typeof examples, object as never, { family, paymentIntent: payment, refunds: [refundOf(payment, 1000)] })
      const event = deepFreeze(JSON.parse(JSON.stringify(made))) as Stripe.Event
      const context = contextWith('cs_test_1')
      t.same(await interpret(event, context), await interpret(event, context), `${type} (${family})`)
    }
  }
})

t.test('an invoice tells the same in every shape', async t => {
  const subscription = newId('sub_1')
  const invoice = paidInvoice(buyer, { subscription, amount: 2261, tax: 361 })
  for (const family of families) {
    const shaped = (stripeEvent('invoice.paid', invoice, { family, paymentIntent: payment }) as AnyEvent).data.object as AnyInvoice
    t.equal(subscriptionOfInvoice(shaped), subscription, family)
    t.same(subscriptionMetadata(shaped), metadataOf(buyer), family)
    t.equal(taxOfInvoice(shaped), 361, family)
    t.same(paymentIntentsOfInvoice(shaped), since('basil').includes(family) ? [] : [payment], family)
  }
})

t.test('after a change of the interval, the new price tells it, in whatever order the lines are', async t => {
  const [yearly, monthly] = [price({ recurring: recurring('year') }), price({ recurring: recurring('month') })]
  const lines = [{ amount: -900, price: monthly }, { amount: 19_000, price: yearly }]
  for (const data of [lines, lines.toReversed()]) {
    t.equal(intervalOfInvoice({ lines: { data } } as unknown as AnyInvoice), 'annual')
  }
})

t.test('events of one payment are interpreted one after the other', async t => {
  const subscription = newId('sub_1')
  const shared = (a: AnyEvent, b: AnyEvent) => objectsOf(a as Stripe.Event).filter(id => objectsOf(b as Stripe.Event).includes(id))
  const invoice = paidInvoice(buyer, { subscription }, { billing_reason: 'subscription_create' })
  const session = paidSession(buyer, { mode: 'subscription', subscription, invoice: invoice.id })
  for (const family of families) {
    const [a, b] = [stripeEvent('checkout.session.completed', session, { family }), stripeEvent('invoice.paid', invoice, { family })]
    t.same(shared(a, b), [invoice.id, subscription].sort(), family)
  }
  t.same(shared(stripeEvent('refund.created', refundOf(payment, 1)), stripeEvent('charge.dispute.closed', disputeOf(payment, 1))), [payment])
})

t.test('of a payment in part, the same part is tax', async t => {
  const context = { ...contextWith(''), settings: { ...settings, saleAmount: 'net_of_tax' as const } }
  for (const [paid, tax, total, counted] of [[2261, 361, 2261, 1900], [1000, 400, 2000, 800], [1, 1, 3, 1], [500, 0, 500, 500]] as const) {
    t.equal(countedAmount(paid, tax, context, total).amountCents, counted)
  }
})
