import { randomUUID } from 'node:crypto'
import type Stripe from 'stripe'
import { request } from 'undici'
import type { Authentication } from '../../../schemas/signup.js'
import { attributionMetadata, withAttribution } from '../../../src/attribution.js'
import { checkoutSessionParams } from '../../../src/service/checkout-session-params.js'
import { callJson, startStripeStandIn } from '../../harness/stand-ins.js'
import { median } from '../../harness/statistics.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { secrets, startService } from '../servers.js'

const PRICE = 'price_sandbox_onetime'
const ROUNDS = 7

export const checkout: Row = {
  name: 'checkout',
  title: 'checkout, one buyer at a time',

  async measure (setting) {
    const { quick } = setting
    const database = await setting.database('checkout')
    const { url: stripeUrl, client: stripe } = await startStripeStandIn(end => { setting.closers.add(end) }, secrets.stripe)
    const service = await startService(setting, { database, stripeUrl })
    const { userId, accessToken } = await callJson<Authentication>('POST', `${service.url}/api/signup`, { email: 'ada@example.com', password: 'correct horse battery staple' })

    const attribution = attributionMetadata('42', { customerExternalId: userId })
    const order = { priceId: PRICE, mode: 'payment' as const, quantity: 1, userId, email: 'ada@example.com', attribute: (params: Stripe.Checkout.SessionCreateParams) => withAttribution(params, attribution), successUrl: 'http://localhost/s', cancelUrl: 'http://localhost/c' }
    // A service that has been running for a while: V8 compiles for speed what ran some hundred times.
    const times = quick ? 20 : 400
    let bought = 0
    const { direct, service: ours } = await inTurns(setting, ROUNDS, {
      direct: () => timed(times, async () => {
        await stripe.checkout.sessions.create(checkoutSessionParams(order), { idempotencyKey: randomUUID() })
      }),
      service: () => timed(times, async () => {
        const { statusCode, body } = await request(`${service.url}/api/checkout`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
          body: JSON.stringify({ priceId: PRICE, mode: 'payment' })
        })
        await body.arrayBuffer()
        if (statusCode === 201) bought++
      })
    })

    const sent = (quick ? 1 : ROUNDS + 1) * times
    const stored = await database.count('select count(*) from checkout_sessions')
    return {
      sides: [
        { role: 'ours', what: 'POST /api/checkout', unit: 'ms', rounds: ours },
        { role: 'limit', what: 'the stripe package alone', unit: 'ms', rounds: direct }
      ],
      targets: [{ what: 'added', unit: 'ms', rounds: ours.map((time, round) => time - (direct[round] ?? NaN)), atMost: 3 }],
      notes: ['Medians; both call the same stand-in for Stripe, which runs in the bench\'s process.'],
      problems: bought === sent && stored === sent ? [] : [`${sent} checkouts were sent, ${bought} answered 201 and ${stored} stored`]
    }
  }
}

/** The median time of some work, in milliseconds. */
async function timed (times: number, work: () => Promise<void>): Promise<number> {
  const taken: number[] = []
  for (let index = 0; index < times; index++) {
    const begin = performance.now()
    await work()
    taken.push(performance.now() - begin)
  }
  return median(taken)
}
