import { randomBytes } from 'node:crypto'
import { PROGRAM_ID, startAffitorStandIn, startStripeStandIn } from './stand-ins.js'
import { affitorForTests } from './testing/affitor.js'
import { stripeForTests } from './testing/stripe.js'
import type { StandIns, StandInsOptions } from './testing/types.js'

export type * from './testing/types.js'

/** Between the first two attempts to deliver an event, in milliseconds: a test waits for it. */
const WEBHOOK_RETRY_MS = 50

/**
 * Starts stand-ins for Affitor and Stripe, for the tests of an app: what an app does with both, click to refund, happens
 * over real HTTP with real signatures, without any account. They listen on free ports of 127.0.0.1, read no environment
 * variable and write no file.
 *
 * Events are those of a test account: give the plugin `livemode: false`.
 */
export async function startStandIns ({ partners, prices, now, secretKey, webhookSecret }: StandInsOptions = {}): Promise<StandIns> {
  const ends: Array<() => Promise<unknown>> = []
  const close = async () => { await Promise.all(ends.splice(0).map(end => end())) }
  const clock = now === undefined ? {} : { now }
  try {
    const affitor = await startAffitorStandIn(end => ends.push(end), {
      programId: PROGRAM_ID, apiKey: `aff_${secret()}`, ...(partners && { partners }), ...clock
    })
    const stripe = await startStripeStandIn(end => ends.push(end), {
      secretKey: secretKey ?? `sk_test_${secret()}`,
      webhookSecret: webhookSecret ?? `whsec_${secret()}`,
      webhookRetryMs: WEBHOOK_RETRY_MS,
      ...(prices && { prices }),
      ...clock
    })
    return { affitor: affitorForTests(affitor), stripe: stripeForTests(stripe), close }
  } catch (error) {
    await close()
    throw error
  }
}

function secret (): string {
  return randomBytes(16).toString('hex')
}
