import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { request } from 'undici'
import { buildStripeSandbox } from '../../../sandbox/stripe/index.js'
import { checkoutSessionParams } from '../../../src/stripe/checkout-session.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { secrets, startService } from '../servers.js'
import { median } from '../../harness/statistics.js'

const PRICE = 'price_sandbox_onetime'
const ROUNDS = 7

export const checkout: Row = {
  name: 'checkout',
  title: 'checkout, one buyer at a time',

  async measure (stage) {
    const { quick, postgres } = stage
    const database = await postgres.database('checkout')
    const standIn = await buildStripeSandbox({ secretKey: secrets.stripeKey, webhookSecret: secrets.webhookSecret })
    stage.closers.add(() => standIn.close())
    const stripeUrl = await standIn.listen({ host: '127.0.0.1', port: 0 })
    const service = await startService(stage, { database, stripeUrl })
    const { userId, accessToken } = await signUp(service.url)
    const { port } = new URL(stripeUrl)
    const stripe = new Stripe(secrets.stripeKey, { protocol: 'http', host: '127.0.0.1', port, telemetry: false })

    const order = { priceId: PRICE, mode: 'payment' as const, quantity: 1, userId, email: 'ada@example.com', programId: '42', successUrl: 'http://localhost/s', cancelUrl: 'http://localhost/c' }
    // A service that has been running for a while: V8 compiles for speed what ran some hundred times.
    const times = quick ? 20 : 400
    let bought = 0
    const { direct, service: ours } = await inTurns(stage, ROUNDS, {
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

async function signUp (url: string): Promise<{ userId: string, accessToken: string }> {
  const response = await fetch(`${url}/api/signup`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery staple' })
  })
  return await response.json() as { userId: string, accessToken: string }
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
