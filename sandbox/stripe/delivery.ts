import { createHmac } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { StoredEvent, StripeState } from './state.js'

const MAX_ATTEMPTS = 10
const MAX_RETRY_DELAY_MS = 5000
const TIMEOUT_MS = 10_000

/** Sends stored events to the webhook address. */
export interface Delivery {
  /** Makes one attempt now, and plans the next if it failed. Never rejects. */
  deliver (stored: StoredEvent): Promise<void>
  /** Makes the first attempt of each event in order. Never rejects. */
  deliverAll (stored: StoredEvent[]): Promise<void>
  /** Takes up what a former process left pending. */
  resume (): void
  /** Forgets planned attempts. */
  cancel (): void
  /** Ends running and planned attempts. */
  close (): void
}

export interface DeliveryOptions {
  state: StripeState
  webhookSecret: string
  webhookUrl: () => string | undefined
  /** The delay before the second attempt in milliseconds; it doubles from there. */
  retryMs: number
  changed: () => void
  log?: FastifyBaseLogger | undefined
}

/** The `stripe-signature` header of a payload (docs.stripe.com/webhooks#verify-manually). */
export function signatureHeader (payload: string, secret: string, timestamp: number): string {
  const v1 = createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex')
  return `t=${timestamp},v1=${v1}`
}

/** The delivery of a stand-in's events: signed, retried on failure with a growing delay, up to ten attempts. */
export function createDelivery (options: DeliveryOptions): Delivery {
  const closing = new AbortController()
  const timers = new Map<string, NodeJS.Timeout>()

  async function post (url: string, stored: StoredEvent): Promise<number> {
    const payload = JSON.stringify({ ...stored.event, pending_webhooks: 1 }, null, 2)
    // The machine's clock, not the sandbox's: the receiver compares it with its own.
    const timestamp = Math.floor(Date.now() / 1000)
    const response = await fetch(url, {
      method: 'POST',
      body: payload,
      headers: {
        accept: '*/*; q=0.5, application/xml',
        'cache-control': 'no-cache',
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signatureHeader(payload, options.webhookSecret, timestamp),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)'
      },
      redirect: 'manual',
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT_MS)])
    })
    await response.arrayBuffer()
    return response.status
  }

  async function attempt (url: string, stored: StoredEvent): Promise<boolean> {
    const started = performance.now()
    let status: number | null = null
    let error: string | null = null
    try {
      status = await post(url, stored)
    } catch (cause) {
      error = describe(cause)
    }
    stored.attempts.push({
      at: Math.floor(Date.now() / 1000), status, error, durationMs: Math.round(performance.now() - started)
    })
    return status !== null && status >= 200 && status < 300
  }

  async function deliver (stored: StoredEvent): Promise<void> {
    clearTimeout(timers.get(stored.id))
    timers.delete(stored.id)
    const url = options.webhookUrl()
    if (url === undefined || closing.signal.aborted) return
    if (stored.delivery !== 'delivered') setDelivery(stored, 'pending')
    const accepted = await attempt(url, stored)
    // A reset during the attempt has forgotten the event.
    if (options.state.events.get(stored.id) !== stored) return
    if (accepted) setDelivery(stored, 'delivered')
    else if (stored.delivery !== 'delivered') planRetry(stored)
    options.log?.debug({ event: stored.id, type: stored.event.type, delivery: stored.delivery }, 'stripe sandbox: event sent')
    options.changed()
  }

  function planRetry (stored: StoredEvent): void {
    const made = stored.attempts.length
    if (made >= MAX_ATTEMPTS) {
      setDelivery(stored, 'failed')
      options.log?.warn({ event: stored.id, type: stored.event.type }, 'stripe sandbox: event could not be delivered')
      return
    }
    if (closing.signal.aborted) return
    const delay = Math.min(options.retryMs * 2 ** (made - 1), MAX_RETRY_DELAY_MS)
    timers.set(stored.id, setTimeout(() => { deliver(stored) }, delay).unref())
  }

  function cancel (): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
  }

  return {
    deliver,
    async deliverAll (events) {
      const late: Array<Promise<void>> = []
      let hanging = false
      for (const stored of events) {
        const sent = deliver(stored)
        // One after the other keeps their order; behind a receiver that hangs, the rest goes out side by side.
        if (hanging) late.push(sent)
        else await sent
        hanging ||= stored.attempts.at(-1)?.error === 'timeout'
      }
      await Promise.all(late)
    },
    resume () {
      const waiting = [...options.state.events.values()].filter((stored) => stored.delivery === 'pending' && !timers.has(stored.id))
      for (const stored of waiting) timers.set(stored.id, setTimeout(() => { deliver(stored) }, 0).unref())
    },
    cancel,
    close () {
      cancel()
      closing.abort()
    }
  }
}

/** Sets how far the delivery has come, and Stripe's own count that follows from it. */
export function setDelivery (stored: StoredEvent, delivery: StoredEvent['delivery']): void {
  stored.delivery = delivery
  stored.event.pending_webhooks = delivery === 'delivered' || delivery === 'no_endpoint' ? 0 : 1
}

function describe (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'timeout'
  if (error.name === 'AbortError') return 'stopped'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
