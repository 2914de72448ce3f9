import fc from 'fast-check'
import type Stripe from 'stripe'
import type { PriceId } from '../order/prices.js'
import type { Buyer } from '../order/stage.js'
import { metadataOf } from '../order/journeys.js'
import { idOf } from './payments.js'
import { choice, find, pick, step } from './world.js'
import type { Model, World } from './world.js'

const once = ['price_once_usd', 'price_once_eur', 'price_once_vnd', 'price_once_jpy'] as const satisfies PriceId[]
const recurring = ['price_month_usd', 'price_month_eur', 'price_month_vnd', 'price_month_jpy'] as const satisfies PriceId[]

const terms = { discount_percent: fc.constantFrom(0, 0, 0, 0, 10, 33, 100), tax_percent: fc.constantFrom(0, 0, 7, 19, 8.875) }
const METADATA = ['ours', 'ours', 'none', 'other program'] as const

/** Metadata as the shop plants it, or somebody else does. */
function metadata (of: typeof METADATA[number] | 'nobody', buyer: Buyer): Record<string, string> {
  if (of === 'ours') return metadataOf(buyer)
  return of === 'other program' ? { affitor_customer_key: 'theirs', program_id: '77' } : {}
}

/** A Stripe customer whom our metadata bound to a buyer, or whom it names on nothing. */
function customers ({ books }: Model, buyer: Buyer): { known: string[], strange: string[] } {
  const owned = [...books.sessions.values(), ...books.subscriptions.values(), ...books.paymentIntents.values(), ...books.invoices.values(), ...books.quotes.values()]
  const namedBy = (key?: string) => owned.filter(({ metadata }) => key === undefined ? metadata?.affitor_customer_key !== undefined : metadata?.affitor_customer_key === key).map(({ customer }) => idOf(customer))
  const named = namedBy()
  return { known: namedBy(buyer.userId).filter(id => id !== ''), strange: [...books.customers.keys()].filter(id => !named.includes(id) && isReferenced(books, id) === false) }
}

/** One who came by a link with somebody's key is left alone: whose they are would depend on what is read first. */
function isReferenced (books: Model['books'], customer: string): boolean {
  return [...books.sessions.values()].some(session => idOf(session.customer) === customer && session.client_reference_id !== null)
}

async function customerFor ({ stage, model }: World, who: 'new' | 'known' | 'strange', buyer: Buyer, index: number): Promise<string> {
  const found = customers(model, buyer)
  const candidates = who === 'known' ? found.known : who === 'strange' ? found.strange : []
  return candidates.length > 0 ? pick(candidates, index) : (await stage.service.stripe.client.customers.create({ email: buyer.email })).id
}

const method = fc.constantFrom('card' as const, 'card' as const, 'bank_debit' as const)

export const ourCheckout = step('buys by our checkout', fc.record({ buyer: choice, price: choice, method, ...terms }), {
  async run ({ stage, model }, { buyer, price, ...pay }) {
    const priceId = pick([...once, ...recurring], price)
    const mode = priceId.startsWith('price_once') ? 'payment' : 'subscription'
    const id = await stage.service.checkOut(pick(model.buyers, buyer).accessToken, { priceId, mode })
    await stage.act(`/checkout/sessions/${id}/pay`, pay)
  }
})

/** Payment Links, pages of other shops, sessions that the app makes by itself. */
export const otherPages = step('buys elsewhere', fc.record({
  buyer: choice,
  price: choice,
  customer: fc.constantFrom('new' as const, 'known' as const, 'known' as const, 'strange' as const),
  reference: fc.constantFrom('none' as const, 'own' as const, 'a cart' as const),
  metadata: fc.constantFrom('ours' as const, 'none' as const, 'none' as const, 'other program' as const),
  on: fc.constantFrom('both' as const, 'session' as const, 'payment' as const),
  manual: fc.constantFrom(false, false, true),
  trial: fc.constantFrom(false, false, true),
  invoice: fc.boolean(),
  method,
  ...terms
}), {
  async run (world, { buyer: who, price, customer, reference, metadata: of, on, manual, trial, invoice, ...pay }) {
    const { stage, model } = world
    const buyer = pick(model.buyers, who)
    const id = pick([...once, ...recurring], price)
    const isOnce = id.startsWith('price_once')
    const planted = metadata(of, buyer)
    const paymentData = on === 'session' ? {} : { metadata: planted }
    // A link makes a Stripe customer of its own for whoever comes.
    const byLink = reference !== 'none'
    const params: Stripe.Checkout.SessionCreateParams = {
      mode: isOnce ? 'payment' : 'subscription',
      line_items: [{ price: id, quantity: 1 }],
      success_url: 'https://shop.example/thanks',
      ...(on !== 'payment' && { metadata: planted }),
      ...(byLink ? { client_reference_id: reference === 'own' ? buyer.userId : 'cart-1' } : { customer: await customerFor(world, customer, buyer, price) }),
      ...(isOnce
        ? { payment_intent_data: { ...paymentData, ...(manual && { capture_method: 'manual' }) }, ...(invoice && !manual && { invoice_creation: { enabled: true } }) }
        : { subscription_data: { ...paymentData, ...(trial && { trial_period_days: 14 }) } })
    }
    const session = await stage.service.stripe.client.checkout.sessions.create(params)
    await stage.act(`/checkout/sessions/${session.id}/pay`, { ...pay, ...(manual && { method: 'card' }) })
  }
})

export const appPayment = step('pays in the app', fc.record({
  buyer: choice, metadata: fc.constantFrom(...METADATA), manual: fc.boolean(), outcome: fc.constantFrom('paid', 'paid', 'failed', 'processing'), known: fc.boolean()
}), {
  async run (world, { buyer: who, metadata: of, manual, outcome, known }) {
    const { stage, model } = world
    const buyer = pick(model.buyers, who)
    const { id } = await stage.service.stripe.client.paymentIntents.create({
      amount: 2750 + who,
      currency: 'eur',
      metadata: metadata(of, buyer),
      customer: await customerFor(world, known ? 'known' : 'new', buyer, who),
      ...(manual && { capture_method: 'manual' })
    })
    await stage.act(`/payment_intents/${id}/pay`, { outcome: manual && outcome === 'processing' ? 'paid' : outcome })
  }
})

export const payAgainInApp = step('pays again in the app', fc.record({ index: choice, paid: fc.boolean() }), {
  can: ({ books }, { index }) => unpaidIntent(books, index),
  async run ({ stage, model }, { index, paid }) {
    await stage.act(`/payment_intents/${unpaidIntent(model.books, index)?.id}/pay`, { outcome: paid ? 'paid' : 'failed' })
  }
})

function unpaidIntent (books: Model['books'], index: number) {
  return find(books.paymentIntents.values(), index, ({ status, amount }) => ['requires_payment_method', 'processing'].includes(status) && amount >= 2750 && amount <= 2770)
}

export const quote = step('accepts a quote', fc.record({ buyer: choice, price: choice, metadata: fc.constantFrom(...METADATA), on: fc.constantFrom('quote' as const, 'subscription' as const), known: fc.boolean() }), {
  async run (world, { buyer: who, price, metadata: of, on, known }) {
    const { stage, model } = world
    const { quotes } = stage.service.stripe.client
    const buyer = pick(model.buyers, who)
    const planted = metadata(of, buyer)
    const id = pick([...once, ...recurring], price)
    const made = await quotes.create({
      customer: await customerFor(world, known ? 'known' : 'new', buyer, who),
      line_items: [{ price: id, quantity: 1 }],
      ...(on === 'quote' || id.startsWith('price_once') ? { metadata: planted } : { subscription_data: { metadata: planted } })
    })
    await quotes.finalizeQuote(made.id)
    const accepted = await quotes.accept(made.id)
    await stage.act(`/invoices/${idOf(accepted.invoice)}/pay`)
  }
})

export const singleInvoice = step('is sent an invoice', fc.record({ buyer: choice, price: choice, metadata: fc.constantFrom(...METADATA), known: fc.boolean(), outside: fc.boolean() }), {
  async run (world, { buyer: who, price, metadata: of, known, outside }) {
    const { stage, model } = world
    const { client } = stage.service.stripe
    const buyer = pick(model.buyers, who)
    const customer = await customerFor(world, known ? 'known' : 'new', buyer, who)
    const id = pick(once, price)
    const { id: invoice } = await client.invoices.create({ customer, metadata: metadata(of, buyer), currency: id.slice(-3) })
    await client.invoiceItems.create({ customer, invoice: invoice ?? '', pricing: { price: id } })
    await stage.act(`/invoices/${invoice}/pay`, { out_of_band: outside })
  }
})

export const subscribeByApi = step('is subscribed by API', fc.record({ buyer: choice, price: choice, metadata: fc.constantFrom(...METADATA), known: fc.boolean(), trial: fc.constantFrom(false, false, true), ...terms }), {
  async run (world, { buyer: who, price, metadata: of, known, trial, ...rest }) {
    const buyer = pick(world.model.buyers, who)
    await world.stage.act('/subscriptions', {
      price: pick(recurring, price),
      metadata: metadata(of, buyer),
      customer: await customerFor(world, known ? 'known' : 'new', buyer, who),
      ...(trial && { trial_period_days: 14 }),
      ...rest
    })
  }
})
