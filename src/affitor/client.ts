import { Affitor } from '@affitor/sdk/server'
import type { Agent } from 'undici'
import { customerHash } from '../customer-hash.js'
import { inSpan } from '../tracing.js'
import type { SpanOptions } from '../tracing.js'
import { VERSION } from '../version.js'
import type { ClaimedTrackingEvent } from '../ledger/delivery.js'
import { redactor } from './redact.js'

export interface AffitorClientOptions {
  apiKey: string
  apiUrl: string
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs: number
  /** Mark every call as a test. */
  testMode: boolean
}

/** What one call brought; no key is in it. */
export interface AffitorAnswer {
  ok: boolean
  /** HTTP status; 0 when no whole answer came. */
  status: number
  data: unknown
  error: string | null
  /** From the Retry-After header, in milliseconds. */
  retryAfterMs: number | null
}

export interface AffitorClient {
  /**
   * Tells Affitor one fact, in one HTTP call. Does not reject on what the network or Affitor does.
   * @throws {TypeError} when the fact cannot be sent as it is: a fault of this program
   */
  send (event: ClaimedTrackingEvent, signal?: AbortSignal): Promise<AffitorAnswer>
}

export function createAffitorClient (options: AffitorClientOptions): AffitorClient {
  let agent: Promise<Agent> | undefined
  const redact = redactor(options.apiKey)
  const testData = options.testMode ? { additionalData: { test_mode: true } } : {}

  function call (affitor: Affitor, event: ClaimedTrackingEvent) {
    switch (event.kind) {
      case 'lead':
        return affitor.trackLead({
          customerExternalId: event.customerKey,
          clickId: event.payload.clickId,
          email: event.payload.email,
          ...testData
        })
      case 'sale':
        return affitor.trackSale({
          customerExternalId: event.customerKey,
          clickId: event.payload.clickId,
          invoiceId: event.transactionId,
          amount: event.payload.amountCents,
          currency: event.payload.currency,
          saleType: event.payload.saleType,
          isRecurring: event.payload.isRecurring,
          subscriptionId: event.payload.subscriptionId,
          subscriptionInterval: event.payload.subscriptionInterval,
          ...testData
        })
      case 'refund':
        return affitor.trackRefund({
          invoiceId: event.saleTransactionId,
          // Absent means the whole sale; 0 would too, so it is never sent.
          refundAmountCents: event.payload.full === true ? undefined : partialAmount(event.payload.amountCents),
          refundReason: event.payload.refundReason,
          ...testData
        })
    }
  }

  return {
    send: (event, signal) => inSpan(spanOf(event), async span => {
      let retryAfterMs: number | null = null
      // Not AbortSignal.any with AbortSignal.timeout: on Node 20 each call would leave something behind in a
      // signal that lives as long as the process.
      const controller = new AbortController()
      const abort = () => { controller.abort(new Error('The service is stopping')) }
      const timer = setTimeout(() => { controller.abort(new Error(`No answer within ${options.timeoutMs} ms`)) }, options.timeoutMs)
      if (signal?.aborted === true) abort()
      signal?.addEventListener('abort', abort, { once: true })
      // The documented interface gives no headers and takes no time-out, but it takes a fetch.
      const affitor = new Affitor({
        apiKey: options.apiKey,
        apiUrl: options.apiUrl,
        fetch: async (input, init) => {
          agent ??= newAgent()
          const { href, hostname, port, protocol, pathname } = new URL(String(input))
          span.rename(`POST ${pathname}`)
          span.set({ 'url.full': href, 'server.address': hostname, 'server.port': Number(port || (protocol === 'https:' ? 443 : 80)) })
          const response = await fetchByRequest(await agent, input, { ...init, body: bodyOf(event, init?.body as string), signal: controller.signal })
          retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now())
          return response
        }
      })
      try {
        const { ok, status, data, error } = await call(affitor, event)
        if (status > 0) span.set({ 'http.response.status_code': status })
        if (!ok) span.fail(status === 0 ? 'no_answer' : String(status))
        return { ok, status, data: redact(data), error: redact(error ?? null), retryAfterMs }
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
    })
  }
}

/** One attempt; without what tells who the customer is. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span */
function spanOf ({ id, kind, attempts, customerKey, traceparent }: ClaimedTrackingEvent): SpanOptions {
  return {
    name: 'POST',
    kind: 'client',
    parent: traceparent,
    attributes: {
      'http.request.method': 'POST',
      ...(attempts > 1 && { 'http.request.resend_count': attempts - 1 }),
      'affitor.fact.id': id,
      'affitor.fact.kind': kind,
      'affitor.customer': customerHash(customerKey)
    }
  }
}

/** The documented interface takes no product, which the endpoint does. */
function bodyOf (event: ClaimedTrackingEvent, body: string): string {
  const product = event.kind === 'sale' ? event.payload.productId : undefined
  return product === undefined ? body : JSON.stringify({ ...JSON.parse(body), product_id: product })
}

/** Loaded with the first call: it would be a tenth of the service's start. */
async function newAgent (): Promise<Agent> {
  const { Agent } = await import('undici')
  return new Agent()
}

/**
 * A call with a text for its body, as `fetch` makes it but for redirects, which Affitor has none of. `fetch` itself takes
 * three times the processor time.
 */
async function fetchByRequest (agent: Agent, input: string | URL | Request, init: RequestInit): Promise<Response> {
  const { origin, pathname, search } = new URL(String(input))
  const { statusCode, headers, body } = await agent.request({
    origin,
    path: pathname + search,
    method: init.method as 'POST',
    headers: { ...init.headers as Record<string, string>, 'user-agent': `fastify-affitor/${VERSION}` },
    body: init.body as string,
    signal: init.signal
  })
  const text = await body.text()
  return new Response(text === '' ? null : text, { status: statusCode, headers: headers as Record<string, string> })
}

/** @throws {TypeError} for what Affitor would take for the whole sale */
function partialAmount (amountCents: unknown): number {
  if (typeof amountCents === 'number' && amountCents > 0) return amountCents
  throw new TypeError('A partial refund needs its amount')
}

/**
 * @param header `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3)
 * @param now in milliseconds since 1970
 * @returns milliseconds to wait; null when the header is absent or unreadable
 */
export function parseRetryAfter (header: string | null, now: number): number | null {
  if (header === null) return null
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
