import type { ControlAnswer } from '../helpers/stripe.js'
import type { PriceId } from './prices.js'
import type { Buyer, Stage } from './stage.js'

/** What happened at Stripe, action by action. */
export interface Journey { name: string, play (stage: Stage): Promise<void> }

const MONTH = 30 * 24

function journey (name: string, play: Journey['play']): Journey {
  return { name, play }
}

async function checkOut ({ service }: Stage, buyer: Buyer, priceId: PriceId): Promise<string> {
  return await service.checkOut(buyer.accessToken, { priceId, mode: priceId.startsWith('price_once') ? 'payment' : 'subscription' })
}

/** Buys through our checkout and pays. */
export async function buy (stage: Stage, buyer: Buyer, priceId: PriceId = 'price_once_usd', how: object = {}): Promise<ControlAnswer> {
  return await stage.act(`/checkout/sessions/${await checkOut(stage, buyer, priceId)}/pay`, how)
}

interface LinkOptions { customer?: string, clientReferenceId?: string, metadata?: Record<string, string>, subscriptionMetadata?: Record<string, string>, paymentMetadata?: Record<string, string>, trialDays?: number }

/** Buys through a page that is not ours, and pays. */
export async function buyElsewhere (stage: Stage, price: PriceId, options: LinkOptions): Promise<ControlAnswer> {
  const subscription = { ...(options.subscriptionMetadata && { metadata: options.subscriptionMetadata }), ...(options.trialDays && { trial_period_days: options.trialDays }) }
  const { id } = await stage.service.stripe.client.checkout.sessions.create({
    mode: price.startsWith('price_once') ? 'payment' : 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://shop.example/thanks',
    ...(options.customer && { customer: options.customer }),
    ...(options.metadata && { metadata: options.metadata }),
    ...(options.clientReferenceId && { client_reference_id: options.clientReferenceId }),
    ...(options.paymentMetadata && { payment_intent_data: { metadata: options.paymentMetadata } }),
    ...(Object.keys(subscription).length > 0 && { subscription_data: subscription })
  })
  return await stage.act(`/checkout/sessions/${id}/pay`)
}

async function renew (stage: Stage, { subscription }: ControlAnswer): Promise<ControlAnswer> {
  stage.pass(MONTH)
  return await stage.act(`/subscriptions/${subscription?.id}/renew`)
}

export const refund = (stage: Stage, body: object) => stage.act('/refunds', body)

export async function disputeLost (stage: Stage, target: object): Promise<void> {
  const { dispute } = await stage.act('/disputes', target)
  await stage.act(`/disputes/${dispute.id}/close`, { status: 'lost' })
}

export const metadataOf = (buyer: Buyer) => ({ affitor_customer_key: buyer.userId, program_id: '42', ...(buyer.clickId && { affitor_click_id: buyer.clickId }) })

export const payments = [
  journey('a one-time payment', async stage => { await buy(stage, await stage.signUp()) }),
  journey('a bank debit that clears later', async stage => {
    const { session } = await buy(stage, await stage.signUp(), 'price_once_usd', { method: 'bank_debit' })
    stage.pass(72)
    await stage.act(`/checkout/sessions/${session.id}/clear`)
  }),
  journey('a bank debit that fails', async stage => {
    const { session } = await buy(stage, await stage.signUp(), 'price_once_eur', { method: 'bank_debit' })
    await stage.act(`/checkout/sessions/${session.id}/fail-payment`)
  }),
  journey('a subscription by bank debit that clears later', async stage => {
    const { session } = await buy(stage, await stage.signUp(), 'price_month_eur', { method: 'bank_debit' })
    stage.pass(72)
    await stage.act(`/checkout/sessions/${session.id}/clear`)
  }),
  journey('a subscription by bank debit that fails, and is paid by card', async stage => {
    const { session, invoice } = await buy(stage, await stage.signUp(), 'price_month_eur', { method: 'bank_debit' })
    await stage.act(`/checkout/sessions/${session.id}/fail-payment`)
    await stage.act(`/invoices/${invoice?.id}/pay`)
  }),
  journey('a payment link without our metadata, for a buyer who also bought through our checkout', async stage => {
    const { customer } = await buy(stage, await stage.signUp())
    await buyElsewhere(stage, 'price_once_eur', { customer: customer?.id ?? '' })
  }),
  journey('the same with another buyer in between, and a refund of the link\'s payment', async stage => {
    const { customer } = await buy(stage, await stage.signUp())
    await buy(stage, await stage.signUp({ clicked: false }))
    const { payment_intent: intent } = await buyElsewhere(stage, 'price_once_eur', { customer: customer?.id ?? '' })
    await refund(stage, { payment_intent: intent?.id, amount: 1000 })
  }),
  journey('two checkouts of one buyer, each by a click of its own, then a payment link', async stage => {
    const buyer = await stage.signUp()
    const { customer } = await buy(stage, buyer)
    const affitorClickId = await stage.click()
    const { accessToken } = buyer
    const again = await stage.service.checkOut(accessToken, { priceId: 'price_once_usd', mode: 'payment', affitorClickId })
    await stage.act(`/checkout/sessions/${again}/pay`)
    await buyElsewhere(stage, 'price_once_eur', { customer: customer?.id ?? '' })
  }),
  journey('a payment by client_reference_id only', async stage => {
    await buyElsewhere(stage, 'price_once_usd', { clientReferenceId: (await stage.signUp()).userId })
  })
]

export const subscriptions = [
  journey('a subscription with renewals', async stage => {
    const bought = await buy(stage, await stage.signUp(), 'price_month_usd')
    await renew(stage, bought)
    await renew(stage, bought)
  }),
  journey('a trial, then a payment, then a renewal', async stage => {
    const { userId } = await stage.signUp()
    const bought = await buyElsewhere(stage, 'price_month_usd', { clientReferenceId: userId, trialDays: 14 })
    stage.pass(14 * 24)
    await stage.act(`/subscriptions/${bought.subscription?.id}/renew`)
    await renew(stage, bought)
  }),
  journey('an upgrade in mid-cycle', async stage => {
    const bought = await buy(stage, await stage.signUp(), 'price_month_usd')
    stage.pass(10 * 24)
    await stage.act(`/subscriptions/${bought.subscription?.id}/upgrade`, { price: 'price_year_usd' })
  }),
  journey('a subscription created by API, and a renewal', async stage => {
    const made = await stage.act('/subscriptions', { price: 'price_month_usd', metadata: metadataOf(await stage.signUp()) })
    await renew(stage, made)
  }),
  journey('a subscription created by API without metadata, for a buyer who also bought through our checkout', async stage => {
    const { customer } = await buy(stage, await stage.signUp())
    await stage.act('/subscriptions', { price: 'price_month_usd', customer: customer?.id })
  }),
  journey('a subscription by client_reference_id only, and a renewal', async stage => {
    const { userId } = await stage.signUp()
    await renew(stage, await buyElsewhere(stage, 'price_month_usd', { clientReferenceId: userId }))
  }),
  journey('a subscription whose session carries no metadata', async stage => {
    await buyElsewhere(stage, 'price_month_usd', { subscriptionMetadata: metadataOf(await stage.signUp()) })
  }),
  journey('a renewal that fails, and is paid later', async stage => {
    const bought = await buy(stage, await stage.signUp(), 'price_month_usd')
    stage.pass(MONTH)
    const { invoice } = await stage.act(`/subscriptions/${bought.subscription?.id}/renew`, { outcome: 'failed' })
    stage.pass(48)
    await stage.act(`/invoices/${invoice?.id}/pay`)
  })
]

export const reversals = [
  journey('a full refund', async stage => {
    const { session } = await buy(stage, await stage.signUp())
    await refund(stage, { checkout_session: session.id })
  }),
  journey('several partial refunds', async stage => {
    const { session } = await buy(stage, await stage.signUp())
    for (const amount of [1000, 333, 1500]) await refund(stage, { checkout_session: session.id, amount })
  }),
  journey('a partial refund, then the rest', async stage => {
    const { session } = await buy(stage, await stage.signUp({ clicked: false }))
    await refund(stage, { checkout_session: session.id, amount: 4000 })
    await refund(stage, { checkout_session: session.id })
  }),
  journey('a refund of a subscription\'s first payment', async stage => {
    const { session } = await buy(stage, await stage.signUp(), 'price_month_usd')
    await refund(stage, { checkout_session: session.id, amount: 700 })
  }),
  journey('a refund of a renewal', async stage => {
    const { invoice } = await renew(stage, await buy(stage, await stage.signUp(), 'price_month_usd'))
    await refund(stage, { invoice: invoice?.id })
  }),
  journey('a refund that is pending, then fails', async stage => {
    const { session } = await buy(stage, await stage.signUp())
    const { refund: made } = await refund(stage, { checkout_session: session.id, amount: 900, status: 'pending' })
    await stage.act(`/refunds/${made.id}/settle`, { status: 'failed' })
  }),
  journey('a dispute lost', async stage => {
    const { session } = await buy(stage, await stage.signUp())
    await disputeLost(stage, { checkout_session: session.id })
  }),
  journey('a dispute lost over a renewal', async stage => {
    const { invoice } = await renew(stage, await buy(stage, await stage.signUp(), 'price_month_usd'))
    await disputeLost(stage, { invoice: invoice?.id })
  }),
  journey('a partial refund, then a dispute lost', async stage => {
    const { session } = await buy(stage, await stage.signUp())
    await refund(stage, { checkout_session: session.id, amount: 2000 })
    await disputeLost(stage, { checkout_session: session.id })
  })
]
