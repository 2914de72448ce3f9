import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { CheckoutSession } from '../../schemas/checkout.js'
import type { Authentication } from '../../schemas/signup.js'
import type { TrackingEvent } from '../../schemas/tracking.js'
import type { Sandbox } from './sandbox.js'
import { amount, shorten } from './print.js'

const DELIVERY_TIMEOUT_MS = 30_000

/** What the demo reads of the Stripe stand-in's answers. */
interface Paid { subscription?: { id: string } | null }
interface Renewed { invoice: { id: string, amount_paid: number, currency: string } }

/**
 * One customer's story, a line a step.
 * @returns the customer key
 */
export async function runJourney (sandbox: Sandbox): Promise<string> {
  const { api, affitor, stripe, call } = sandbox
  const step = (name: string, text: string) => { console.log(`  ${name.padEnd(9)} ${text}`) }
  console.log()

  const { click_id: clickId } = await call<{ click_id: string }>(`${affitor}/api/v1/track/click`, { affiliate_url: `${api}/?aff=TESTCODE` })
  step('click', `a visitor comes through partner TESTCODE: ${clickId}`)

  const email = `demo-${randomUUID().slice(0, 8)}@example.com`
  const { userId, accessToken } = await call<Authentication>(`${api}/api/signup`, {
    email, password: 'correct horse battery', affitorClickId: clickId
  })
  step('signup', `${email} is customer ${userId}`)
  await delivered(sandbox, userId, event => event.kind === 'lead')

  const session = await call<CheckoutSession>(`${api}/api/checkout`, { priceId: 'price_sandbox_monthly', mode: 'subscription' }, accessToken)
  step('checkout', `Checkout Session ${shorten(session.sessionId)}`)

  const paid = await call<Paid>(`${stripe}/_sandbox/checkout/sessions/${session.sessionId}/pay`, {})
  const sale = await delivered(sandbox, userId, event => event.transactionId === session.sessionId)
  step('pay', `${amount(sale, [sale])}, told to Affitor ${latency(sale)} later`)

  const subscriptionId = paid.subscription?.id
  if (subscriptionId === undefined) throw new Error('The payment made no subscription.')
  const { invoice } = await call<Renewed>(`${stripe}/_sandbox/subscriptions/${subscriptionId}/renew`, {})
  const renewal = await delivered(sandbox, userId, event => event.transactionId === invoice.id)
  step('renewal', `${amount(renewal, [renewal])} a month later, told ${latency(renewal)} later`)

  await call(`${stripe}/_sandbox/refunds`, { invoice: invoice.id })
  const refund = await delivered(sandbox, userId, event => event.kind === 'refund')
  step('refund', `${amount(refund, [renewal])} of the renewal given back, told ${latency(refund)} later`)
  console.log()
  return userId
}

/** Waits until a tracking event of the customer is delivered. */
async function delivered (sandbox: Sandbox, customerKey: string, matches: (event: TrackingEvent) => boolean): Promise<TrackingEvent> {
  const deadline = Date.now() + DELIVERY_TIMEOUT_MS
  for (;;) {
    const event = (await sandbox.ledger(customerKey)).find(matches)
    if (event !== undefined && event.state === 'delivered') return event
    if (event !== undefined && event.state !== 'pending') throw new Error(`The ${event.kind} is ${event.state}: ${event.explanation ?? event.lastError}`)
    if (Date.now() > deadline) throw new Error('A fact was not delivered in 30 seconds.')
    await delay(50)
  }
}

function latency (event: TrackingEvent): string {
  return `${Date.parse(event.settledAt ?? '') - Date.parse(event.createdAt)} ms`
}
