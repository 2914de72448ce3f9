import { randomBytes } from 'node:crypto'
import type autocannon from 'autocannon'
import Stripe from 'stripe'
import { event } from '../../sandbox/stripe/objects/index.js'
import { paidSession } from '../harness/stripe-objects.js'
import { secrets } from './servers.js'

/** A signed event, ready to be sent. */
export interface Webhook {
  /** The Checkout Session: the transaction id at Affitor. */
  sessionId: string
  request: SignedRequest
}

export type SignedRequest = autocannon.Request & { body: Buffer, headers: Record<string, string> }

const MARK = 'XXXXXXXXXXXXXXXX'
/** A paid session with every field that Stripe sends, in Stripe's own layout. */
const template = JSON.stringify(event('checkout.session.completed', paidSession(
  { userId: `user_${MARK}`, affitorClickId: 'cust_42_1714000000000' },
  { id: `cs_test_${MARK}`, payment_intent: `pi_3${MARK}` }
), { id: `evt_1${MARK}` }), null, 2)

/** A body of about the size of all others. */
export const PAYLOAD = template

/** Different events, signed now: Stripe's signatures are good for 300 seconds. */
export function makeWebhooks (count: number): Webhook[] {
  return Array.from({ length: count }, () => {
    const token = randomBytes(MARK.length / 2).toString('hex')
    const payload = template.replaceAll(MARK, token)
    return { sessionId: `cs_test_${token}`, request: signed(payload) }
  })
}

/** An event's JSON as Stripe sends it now. */
export function signed (payload: string): SignedRequest {
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: secrets.stripe.webhookSecret })
  return {
    method: 'POST',
    path: '/webhooks/stripe',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature },
    body: Buffer.from(payload)
  }
}
