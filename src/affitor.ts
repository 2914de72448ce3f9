import type Stripe from 'stripe'
import type { CustomerStory } from '../schemas/customer-story.js'
import type { DeliveryStatus } from '../schemas/health.js'
import type { TrackingState } from '../schemas/tracking.js'
import type { SqlExecutor } from './database.js'

/** A signup. As `@affitor/sdk/server` takes it; https://docs.affitor.com/docs/api-reference/sdks */
export interface TrackLeadInput {
  /** Your own, stable user id: the customer key. */
  customerExternalId: string
  /** What `clickId(request)` returned. */
  clickId?: string | null | undefined
  email?: string | null | undefined
}

/** A payment that Stripe does not tell of. As `@affitor/sdk/server` takes it, and `productId`. */
export interface TrackSaleInput {
  /** Your own user id, as given to `trackLead`. */
  customerExternalId: string
  clickId?: string | null | undefined
  /** Integer above 0, in the currency's smallest unit. */
  amount: number
  /** Unique id of the payment. */
  invoiceId: string
  /** ISO 4217 code (`USD`). */
  currency?: string | undefined
  saleType?: 'payment' | 'subscription' | undefined
  /** True for the renewal of a subscription. */
  isRecurring?: boolean | undefined
  subscriptionId?: string | undefined
  subscriptionInterval?: 'monthly' | 'quarterly' | 'annual' | undefined
  /** What was bought, for commission policies by product. */
  productId?: string | undefined
  /** When it was paid (now). */
  occurredAt?: Date | undefined
}

/** Money given back. As `@affitor/sdk/server` takes it, and `refundId`. */
export interface TrackRefundInput {
  /** The `invoiceId` of the sale. */
  invoiceId: string
  /** Integer above 0, in the currency's smallest unit. Absent or 0: all that is left of the sale. */
  refundAmountCents?: number | undefined
  refundReason?: string | undefined
  /** Unique id of the refund. Default: the one full refund of the sale. */
  refundId?: string | undefined
}

export interface TrackOptions {
  /** The transaction that it belongs to. Absent: it commits by itself. */
  db?: SqlExecutor | undefined
}

export interface TrackResult {
  /** Id of the tracking event. */
  id: number
  state: TrackingState
  /** False when it was there already. */
  created: boolean
}

/** Whose a payment will be. */
export interface AttributedCustomer {
  /** Your own user id, as given to `trackLead`. */
  customerExternalId: string
  clickId?: string | null | undefined
}

/** Metadata of Stripe objects by which a payment is attributed. */
export type AttributionMetadata = Record<string, string>

/** What a click id is read from: a request of Fastify, Express or Node. */
export interface RequestWithClick {
  body?: unknown
  headers: Record<string, string | string[] | undefined>
}

export interface Affitor {
  /**
   * Stores that a customer signed up; Affitor is told when that is committed. Without an open transaction, resolves once
   * it is stored.
   * @throws {TypeError} with a sentence when the input is wrong; the database's error when it refuses
   */
  trackLead (input: TrackLeadInput, options?: TrackOptions): Promise<TrackResult>
  /** Stores a payment that Stripe does not tell of. @throws as `trackLead` */
  trackSale (input: TrackSaleInput, options?: TrackOptions): Promise<TrackResult>
  /** Stores that money was given back which Stripe does not tell of. @throws as `trackLead`; also when the sale is not known */
  trackRefund (input: TrackRefundInput, options?: TrackOptions): Promise<TrackResult>
  /** The click id of the body's `affitorClickId`, else of the cookie `affitor_click_id`; undefined when there is none. */
  clickId (request: RequestWithClick): string | undefined
  /** Parameters of a Checkout Session, with what attributes its payments merged in. */
  withAttribution<Params extends Stripe.Checkout.SessionCreateParams> (params: Params, customer: AttributedCustomer): Params
  /** The bare metadata, for Payment Links, `subscriptions.create` and quotes. */
  attributionMetadata (customer: AttributedCustomer): AttributionMetadata
  /**
   * Stores an event that your own webhook handler has verified; resolves once it is committed.
   * @returns whether it was stored now: false when it was there, or is of a type that is not needed
   */
  receiveStripeEvent (event: Stripe.Event): Promise<boolean>
  /** Everything that is known of a customer; undefined when nothing is. */
  customerStory (customerKey: string): Promise<CustomerStory | undefined>
  /** Whether the database answers, and how delivery stands. @throws when the database is away */
  ready (): Promise<{ delivery: DeliveryStatus }>
  readonly workers: {
    start (): void
    /** Lets running calls finish for a bounded time. For good. */
    stop (): Promise<void>
    /** Works until nothing is due; for tests and commands. */
    runUntilIdle (): Promise<void>
  }
  /** Brings the schema `affitor` up to date. */
  migrate (): Promise<void>
  /** Stops the workers, and closes what was opened here; your own pool stays open. */
  close (): Promise<void>
}
