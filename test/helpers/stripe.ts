import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import type { Test } from 'tap'
import type { StripeSandboxOptions } from '../../sandbox/stripe/index.js'
import { startStripeStandIn } from '../../tools/harness/stand-ins.js'
import type { RunningStripe } from '../../tools/harness/stand-ins.js'

export { stripeClient } from '../../tools/harness/stand-ins.js'
export type { ControlAnswer, RunningStripe } from '../../tools/harness/stand-ins.js'

const SECRET_KEY = 'sk_test_sandbox_0123456789abcdefghijklmn'
const WEBHOOK_SECRET = 'whsec_sandbox_0123456789abcdefghijklmn'

/** Starts a stand-in for Stripe on a free port of 127.0.0.1; it closes with the test. */
export async function startStripe (t: Test, options: Partial<StripeSandboxOptions> = {}): Promise<RunningStripe> {
  return await startStripeStandIn(end => t.after(end), { webhookRetryMs: 20, secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, ...options })
}

/** A local webhook endpoint. */
export interface Receiver {
  url: string
  /** The verified events in the order of their arrival. */
  events: Stripe.Event[]
  /** The headers of the last delivery. */
  headers (): IncomingHttpHeaders
  /** The statuses of the next answers; 200 when they are used up. `null` closes the connection without an answer. */
  answers: Array<number | null>
  /** Resolves when so many events have arrived and were verified. */
  received (count: number): Promise<void>
}

/** Starts a webhook endpoint that accepts only what carries a valid signature. */
export async function startReceiver (t: Test, webhookSecret: string = WEBHOOK_SECRET): Promise<Receiver> {
  const events: Stripe.Event[] = []
  const arrivals = new EventEmitter()
  let headers: IncomingHttpHeaders = {}
  const answers: Array<number | null> = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      headers = request.headers
      const answer = answers.length > 0 ? answers.shift() ?? null : 200
      if (answer === null) {
        request.socket.destroy()
        return
      }
      if (answer === 200) {
        const signature = request.headers['stripe-signature'] ?? ''
        events.push(Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, webhookSecret))
        arrivals.emit('event')
      }
      response.writeHead(answer).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks/stripe`,
    events,
    answers,
    headers: () => headers,
    async received (count) {
      while (events.length < count) await once(arrivals, 'event', { signal: AbortSignal.timeout(5000) })
    }
  }
}
