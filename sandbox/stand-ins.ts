import Stripe from 'stripe'
import { buildAffitorSandbox } from './affitor/index.js'
import type { AffitorSandbox, AffitorSandboxOptions, Behaviour, TrackingCall, TrackingEndpoint } from './affitor/index.js'
import type { CheckoutResult } from './stripe/control/checkout.js'
import { buildStripeSandbox } from './stripe/index.js'
import type { StripeSandbox, StripeSandboxOptions } from './stripe/index.js'

/** Of the stand-in's program, in sandbox mode too. */
export const PROGRAM_ID = '42'
export const PARTNER_CODE = 'TESTCODE'

export interface StartedAffitor {
  /** Base address, without a trailing slash. */
  url: string
  sandbox: AffitorSandbox
  programId: string
  apiKey: string
  /** The tracking calls so far, in the order of their arrival. */
  calls (endpoint?: TrackingEndpoint): TrackingCall[]
  /** Replaces the behaviour in force; `{}` is normal service. */
  behave (behaviour: Behaviour): void
  /** A visitor's click through a partner's link. Resolves to the click id. */
  click (partnerCode?: string): Promise<string>
}

/** The answer of a control route: its events, and the objects that the action changed. */
export interface ControlAnswer extends CheckoutResult {
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
  /** Calls `/_sandbox` + path. @throws Error when the answer is not 2xx. */
  control (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, account?: string): Promise<ControlAnswer>
}

/**
 * Starts the stand-in for Affitor on a free loopback port.
 * @param onClose takes what ends it
 */
export async function startAffitorStandIn (onClose: (end: () => Promise<unknown>) => void, options: AffitorSandboxOptions): Promise<StartedAffitor> {
  const sandbox = await buildAffitorSandbox(options)
  onClose(() => sandbox.close())
  const url = await sandbox.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    sandbox,
    programId: options.programId,
    apiKey: options.apiKey,
    calls: endpoint => sandbox.affitorState.calls.list().filter(call => endpoint === undefined || call.endpoint === endpoint),
    behave: behaviour => sandbox.affitorBehaviour.set(behaviour),
    async click (partnerCode = PARTNER_CODE) {
      const { click_id: click } = await callJson<{ click_id: string }>('POST', `${url}/api/v1/track/click`, { affiliate_url: `https://shop.example/?aff=${partnerCode}` })
      return click
    }
  }
}

/**
 * Starts the stand-in for Stripe on a free loopback port.
 * @param onClose takes what ends it
 */
export async function startStripeStandIn (onClose: (end: () => Promise<unknown>) => void, options: StripeSandboxOptions): Promise<RunningStripe> {
  const { secretKey, webhookSecret } = options
  const sandbox = await buildStripeSandbox(options)
  onClose(() => sandbox.close())
  const url = await sandbox.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    sandbox,
    secretKey,
    webhookSecret,
    client: stripeClient(url, secretKey),
    control: (method, path, body, account) =>
      callJson(method, `${url}/_sandbox${path}`, body, account === undefined ? {} : { 'stripe-account': account })
  }
}

/** What leads a stripe-node client to a stand-in; it does not repeat failed requests. */
export function stripeConfig (url: string) {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0, telemetry: false } as const
}

/** A stripe-node client that talks to a stand-in. */
export function stripeClient (url: string, secretKey: string): Stripe {
  return new Stripe(secretKey, stripeConfig(url))
}

/** Sends JSON; resolves to the body. @throws when the answer is not 2xx */
export async function callJson<T> (method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text === '' ? null : JSON.parse(text)) as T
}
