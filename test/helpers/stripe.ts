import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import type { Test } from 'tap'
import { buildStripeSandbox } from '../../sandbox/stripe/index.js'
import type { EmittedEvent, StripeSandbox, StripeSandboxOptions } from '../../sandbox/stripe/index.js'

const SECRET_KEY = 'sk_test_sandbox_0123456789abcdefghijklmn'
const WEBHOOK_SECRET = 'whsec_sandbox_0123456789abcdefghijklmn'

/** The answer of a control route: its events, and the objects that the action changed. */
export interface ControlAnswer {
  events: EmittedEvent[]
  session: Stripe.Checkout.Session
  customer: Stripe.Customer | null
  subscription: Stripe.Subscription | null
  invoice: Stripe.Invoice | null
  payment_intent: Stripe.PaymentIntent | null
  charge: Stripe.Charge | null
  refund: Stripe.Refund
  dispute: Stripe.Dispute
}

/** A running stand-in for Stripe. */
export interface RunningStripe {
  url: string
  sandbox: StripeSandbox
  secretKey: string
  webhookSecret: string
  client: Stripe
  /** Calls `/_sandbox` + path, for a connected account (`acct_...`) if one is given. @throws Error when the answer is not 2xx. */
  control (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, account?: string): Promise<ControlAnswer>
}

/** Starts a stand-in for Stripe on a free port of 127.0.0.1; it closes with the test. */
export async function startStripe (t: Test, options: Partial<StripeSandboxOptions> = {}): Promise<RunningStripe> {
  const secretKey = options.secretKey ?? SECRET_KEY
  const webhookSecret = options.webhookSecret ?? WEBHOOK_SECRET
  const sandbox = await buildStripeSandbox({ webhookRetryMs: 20, ...options, secretKey, webhookSecret })
  t.after(() => sandbox.close())
  const url = await sandbox.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    sandbox,
    secretKey,
    webhookSecret,
    client: stripeClient(url, secretKey),
    async control (method, path, body, account) {
      const response = await fetch(`${url}/_sandbox${path}`, {
        method,
        headers: { ...(account && { 'stripe-account': account }), ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) })
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return JSON.parse(text || '{}')
    }
  }
}

/** A stripe-node client that talks to a stand-in and does not repeat failed requests. */
export function stripeClient (url: string, secretKey: string): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(secretKey, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
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
