import type Stripe from 'stripe'
import type { AffitorAccountOptions } from '../../src/options.js'
import type { Partner } from '../affitor/program.js'
import type { SandboxPrice } from '../stripe/sandbox-price.js'

export type { Partner, SandboxPrice }

export interface StandInsOptions {
  /** Partners of the program. Default: one, whose link has the code `TESTCODE` and who earns 20 %. */
  partners?: Partner[]
  /**
   * Prices of yours, by the ids that your code names. There by default: `price_sandbox_monthly` (19.00 USD),
   * `price_sandbox_yearly` (190.00 USD), `price_sandbox_onetime` (49.00 USD), `price_sandbox_eur` (49.00 EUR).
   */
  prices?: SandboxPrice[]
  /** The key that Stripe's stand-in takes (one that begins with `sk_test_`). */
  secretKey?: string
  /** What its events are signed with (one that begins with `whsec_`). */
  webhookSecret?: string
  /** The clock of what happens. Signatures carry the machine's time. */
  now?: () => Date
}

/** Servers that play the parts of Affitor and Stripe: real HTTP, on free ports of this machine, all in memory. */
export interface StandIns {
  affitor: AffitorStandIn
  stripe: StripeStandIn
  /** Stops both. */
  close (): Promise<void>
}

/** A lead that Affitor has recorded. */
export interface RecordedLead {
  customerKey: string | null
  clickId: string
  /** Code of the partner who brought the customer. */
  partnerCode: string
  /** ISO 8601, UTC */
  at: string
}

/** A sale that Affitor has recorded. */
export interface RecordedSale {
  transactionId: string
  customerKey: string | null
  /** In the currency's smallest unit. */
  amountCents: number
  /** ISO 4217, upper case */
  currency: string
  saleType: 'payment' | 'subscription'
  isRecurring: boolean
  subscriptionId: string | null
  subscriptionInterval: 'monthly' | 'quarterly' | 'annual' | null
  productId: string | null
  /** Code of the partner who earns of it. */
  partnerCode: string
  /** What the partner earns, in the currency's smallest unit, before refunds; null: no commission was made. */
  commissionCents: number | null
  /** ISO 8601, UTC */
  at: string
}

/** A refund that Affitor has recorded. */
export interface RecordedRefund {
  /** Of the sale. */
  transactionId: string
  /** In the currency's smallest unit. */
  amountCents: number
  /** What the partner loses, in the currency's smallest unit. */
  deductionCents: number
  reason: string | null
  /** ISO 8601, UTC */
  at: string
}

/** A tracking call as it arrived, recorded or not. */
export interface TrackingCall {
  endpoint: 'click' | 'lead' | 'sale' | 'refund'
  /** The parsed body, in Affitor's own names. */
  body: unknown
  /** What was answered; null while it runs, and when there was no answer. */
  status: number | null
  /** Whether it changed what is recorded. */
  recorded: boolean
  /** ISO 8601, UTC */
  at: string
}

/** How Affitor misbehaves. `{}` is normal service. */
export interface AffitorBehaviour {
  /** Milliseconds of waiting before a call is handled. */
  latencyMs?: number
  /** This status is answered, 400 to 599, and nothing is recorded. */
  failStatus?: number
  /** This status is answered, 400 to 599, after the call was recorded. */
  failAfterRecording?: number
  /** `Retry-After` of failures, in seconds. */
  retryAfterSeconds?: number
  /** Every API key is answered 401. */
  refuseKey?: boolean
  /** The connection ends without an answer, before or after the call is recorded. */
  dropConnection?: 'before' | 'after'
  /** How many calls it applies to. Absent: all, until it is changed. */
  times?: number
  /** What it applies to. Absent: all four. */
  endpoints?: Array<'click' | 'lead' | 'sale' | 'refund'>
}

export interface AffitorStandIn {
  /** Base address, without a trailing slash. `/` is a page that shows what was recorded. */
  url: string
  apiKey: string
  programId: string
  /** The plugin's option `affitor`. Calls are no tests, as Affitor records nothing of those. */
  options: AffitorAccountOptions
  /**
   * A visitor comes through a partner's link.
   * @param partner the link's code (`TESTCODE`)
   * @returns the click id, which a browser would keep in the cookie `affitor_click_id`
   */
  click (partner?: string): Promise<string>
  /** Oldest first, as are the others. */
  leads (): RecordedLead[]
  sales (): RecordedSale[]
  refunds (): RecordedRefund[]
  /** The tracking calls, refused ones and repetitions too. */
  calls (): TrackingCall[]
  /** Replaces the behaviour in force. */
  behave (behaviour: AffitorBehaviour): void
  /** Forgets what was recorded and called, and serves normally. */
  reset (): void
}

/** An event of Stripe's stand-in, after the first attempt to deliver it. */
export interface SentEvent {
  id: string
  /** For example `invoice.paid`. */
  type: string
  /** `no_endpoint`: `deliverTo` was not called before; `pending`: it is tried again. */
  delivery: 'held' | 'pending' | 'delivered' | 'failed' | 'no_endpoint'
  /** HTTP status of your app's last answer; null without one. */
  status: number | null
  error: string | null
}

/** How Stripe misbehaves. `{}` is normal service. */
export interface StripeBehaviour {
  /** Milliseconds that each answer of the API waits. */
  latencyMs?: number
  /** Requests to the API are answered with this status, 400 to 599. */
  failStatus?: number
  /** Requests to the API get no answer. */
  dropConnection?: boolean
  /** How many requests it applies to. Absent: all, until it is changed. */
  times?: number
  /** Events wait until `release`. */
  holdWebhooks?: boolean
}

/** Discounts and taxes of a payment. */
export interface PaymentTerms {
  /** 0 to 100 */
  discountPercent?: number
  /** 0 to 100 */
  taxPercent?: number
}

export interface PaidSession {
  session: Stripe.Checkout.Session
  customer: Stripe.Customer | null
  subscription: Stripe.Subscription | null
  invoice: Stripe.Invoice | null
  paymentIntent: Stripe.PaymentIntent | null
  charge: Stripe.Charge | null
  events: SentEvent[]
}

export interface ChangedSubscription {
  subscription: Stripe.Subscription
  /** Null when the subscription ended. */
  invoice: Stripe.Invoice | null
  events: SentEvent[]
}

/**
 * What buyers, their banks and time do. Each resolves once your app's webhook has answered the events, or failed to, and
 * rejects with a sentence when it is impossible, such as to pay a session twice.
 */
export interface StripeStandIn {
  /** Base address, without a trailing slash. `/` is a page by which a person can do all of this. */
  url: string
  secretKey: string
  webhookSecret: string
  /** For a client that your code makes: `new Stripe(secretKey, config)`. */
  config: { host: string, port: number, protocol: 'http', maxNetworkRetries: number, telemetry: boolean }
  /** A client of the stand-in. */
  client (): Stripe
  /** Sends events to this address of your app from now on; failed deliveries are repeated. */
  deliverTo (webhookUrl: string): void
  /**
   * A buyer pays a Checkout Session.
   * @param payment `bank_debit` clears or fails later, by `clear` or `failPayment`; `email` is what a buyer types
   */
  pay (sessionId: string, payment?: PaymentTerms & { method?: 'card' | 'bank_debit', email?: string }): Promise<PaidSession>
  /** The bank debit of a session arrives. */
  clear (sessionId: string): Promise<PaidSession>
  /** The bank debit of a session fails. */
  failPayment (sessionId: string): Promise<PaidSession>
  /** A session runs out unpaid. */
  expire (sessionId: string): Promise<PaidSession>
  /** A buyer pays a PaymentIntent that your code made; `processing` until it is paid or fails by another call. */
  payIntent (paymentIntentId: string, outcome?: 'paid' | 'failed' | 'processing'): Promise<{ paymentIntent: Stripe.PaymentIntent, charge: Stripe.Charge | null, events: SentEvent[] }>
  /** A customer pays an open invoice; a draft is finalized first. */
  payInvoice (invoiceId: string): Promise<{ invoice: Stripe.Invoice, events: SentEvent[] }>
  /** A subscription that your code makes without Checkout, or a colleague in the Dashboard. A customer is made unless named. */
  subscribe (subscription: PaymentTerms & { price: string, customer?: string, email?: string, metadata?: Record<string, string>, quantity?: number, trialDays?: number }): Promise<ChangedSubscription>
  /** A billing period ends, and the next is paid; or not, as its card is declined. */
  renew (subscriptionId: string, renewal?: PaymentTerms & { outcome?: 'paid' | 'failed' }): Promise<ChangedSubscription>
  /** The subscription changes to another price in the middle of a period. */
  upgrade (subscriptionId: string, price: string, terms?: PaymentTerms): Promise<ChangedSubscription>
  /** At once, or when the period ends, which `renew` brings about. */
  cancel (subscriptionId: string, options?: { atPeriodEnd?: boolean }): Promise<ChangedSubscription>
  /**
   * Money is given back.
   * @param payment id of a Checkout Session, PaymentIntent, charge or invoice
   * @param amountCents in the currency's smallest unit; absent: all that is left
   */
  refund (payment: string, amountCents?: number): Promise<{ refund: Stripe.Refund, charge: Stripe.Charge, events: SentEvent[] }>
  /** The buyer's bank takes money back. Parameters as those of `refund`. */
  dispute (payment: string, amountCents?: number): Promise<{ dispute: Stripe.Dispute, events: SentEvent[] }>
  /** `won`: your money comes back. */
  closeDispute (disputeId: string, status: 'won' | 'lost'): Promise<{ dispute: Stripe.Dispute, events: SentEvent[] }>
  /** All events so far, oldest first. */
  events (): Stripe.Event[]
  /** Sends an event once more. */
  resend (eventId: string): Promise<SentEvent>
  /** Replaces the behaviour in force. */
  behave (behaviour: StripeBehaviour): Promise<void>
  /** Sends the events that `holdWebhooks` held, and holds no more. */
  release (): Promise<SentEvent[]>
  /** Forgets everything but the prices; the webhook's address stays. */
  reset (): Promise<void>
}
