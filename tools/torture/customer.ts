import { setTimeout as delay } from 'node:timers/promises'
import type Stripe from 'stripe'
import type { Book } from '../harness/book.js'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { ControlAnswer, RunningStripe, StartedAffitor } from '../harness/stand-ins.js'
import type { Client } from './client.js'
import type { Courier } from './courier.js'

/** What a customer comes into contact with. */
export interface World {
  client: Client
  book: Book
  affitor: StartedAffitor
  stripe: RunningStripe
  courier: Courier
}

const PASSWORD = 'correct horse battery'
const PAUSE_MS = 100
/** Shares of the customers. */
const REFERRED = 0.85
const BUYERS = 0.8
const SUBSCRIBERS = 0.4
const RENEWING = 0.6
const REFUNDED = 0.5
const BANK_DEBIT = 0.2

/** A customer's whole story: click, signup, checkout, payment, renewal, refund, each only perhaps. */
export async function live (world: World, random: Random, email: string): Promise<void> {
  const pause = () => delay(between(random, 0, PAUSE_MS))
  const clickId = random() < REFERRED ? await world.affitor.click() : undefined
  const { userId, accessToken } = await signUp(world, random, email, clickId)
  if (random() > BUYERS) return

  await pause()
  const subscribes = random() < SUBSCRIBERS
  const order = subscribes
    ? { priceId: 'price_sandbox_monthly', mode: 'subscription' }
    : { priceId: pick(random, ['price_sandbox_onetime', 'price_sandbox_eur']), mode: 'payment', quantity: between(random, 1, 3) }
  const sessionId = await checkOut(world, random, userId, accessToken, order)
  await pause()
  const byDebit = !subscribes && random() < BANK_DEBIT
  const { session, subscription } = await pay(world, userId, sessionId, byDebit ? 'bank_debit' : 'card', pause)

  let last: { checkout_session?: string, invoice?: string, amount: number, sale: string } =
    { checkout_session: session.id, amount: Number(session.amount_total), sale: session.id }
  if (subscription !== null && random() < RENEWING) {
    await pause()
    const invoice = await renew(world, userId, subscription.id)
    last = { invoice: invoice.id, amount: invoice.amount_paid, sale: invoice.id }
  }
  if (random() > REFUNDED) return
  await pause()
  const { amount, sale, ...target } = last
  await refund(world, sale, { ...target, amount: random() < 0.5 ? amount : between(random, 1, amount) })
}

/** A signup whose answer was lost is sent again, and may find its own e-mail taken: then the user logs in. */
async function signUp ({ client, book }: World, random: Random, email: string, clickId: string | undefined) {
  const headers = { 'content-type': 'application/json' }
  const signup = await client.insist(random, '/api/signup', JSON.stringify({ email, password: PASSWORD, affitorClickId: clickId }), headers)
  const isOwn = signup.status === 409 && signup.repeated
  const { status, body } = isOwn ? await client.insist(random, '/api/login', JSON.stringify({ email, password: PASSWORD }), headers) : signup
  if (status !== (isOwn ? 200 : 201)) throw new Error(`The signup of ${email} was answered ${status} ${JSON.stringify(body)}`)
  const { userId, accessToken } = body as { userId: string, accessToken: string }
  book.signups.set(userId, { clickId })
  return { userId, accessToken }
}

async function checkOut ({ client, book }: World, random: Random, userId: string, accessToken: string, order: object): Promise<string> {
  const { status, body } = await client.insist(random, '/api/checkout', JSON.stringify(order), {
    'content-type': 'application/json', authorization: `Bearer ${accessToken}`, 'idempotency-key': userId
  })
  if (status !== 201) throw new Error(`The checkout of ${userId} was answered ${status} ${JSON.stringify(body)}`)
  const sessionId = String(body.sessionId)
  book.checkouts.set(sessionId, userId)
  return sessionId
}

async function pay (world: World, customerKey: string, id: string, method: string, pause: () => Promise<void>): Promise<ControlAnswer> {
  const path = `/checkout/sessions/${id}`
  const paid = await atStripe(world, `${path}/pay`, { method })
  if (method === 'bank_debit') {
    await pause()
    await atStripe(world, `${path}/clear`, {})
  }
  const { amount_total: amountCents, currency } = paid.session
  world.book.sales.set(id, { customerKey, amountCents: Number(amountCents), currency: String(currency).toUpperCase() })
  return paid
}

async function renew (world: World, customerKey: string, subscription: string): Promise<Stripe.Invoice> {
  const { invoice } = await atStripe(world, `/subscriptions/${subscription}/renew`, {})
  if (invoice === null) throw new Error(`The renewal of ${subscription} made no invoice`)
  world.book.sales.set(invoice.id, { customerKey, amountCents: invoice.amount_paid, currency: invoice.currency.toUpperCase() })
  return invoice
}

async function refund (world: World, saleTransactionId: string, order: object): Promise<void> {
  const { refund: { id, amount } } = await atStripe(world, '/refunds', order)
  world.book.refunds.set(id, { saleTransactionId, amountCents: amount })
}

/** Has something happen at Stripe, and its events brought. */
async function atStripe ({ stripe, courier }: World, path: string, body: object): Promise<ControlAnswer> {
  const answer = await stripe.control('POST', path, body)
  courier.take(answer.events.map(event => event.id))
  return answer
}
