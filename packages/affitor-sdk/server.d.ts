/**
 * Types of `@affitor/sdk/server`, as Affitor documents the package:
 * https://docs.affitor.com/docs/api-reference/sdks
 * Amounts are integers in the smallest unit of their currency (cents for USD).
 */

export interface AffitorOptions {
  /** Program API key, sent as a Bearer token. Never ship it to a browser. */
  apiKey: string
  /** Base address of the API. Default `https://api.affitor.com`. A trailing slash is tolerated. */
  apiUrl?: string | undefined
  /** Default `globalThis.fetch`. The place for time-outs, keep-alive and reading response headers. */
  fetch?: typeof globalThis.fetch | undefined
}

/** Affitor took the call: the HTTP status was 2xx. */
export interface AffitorSuccess<T> {
  ok: true
  /** HTTP status, 200 to 299. */
  status: number
  /** The parsed body; null when it was empty or not JSON. */
  data: T | null
  error?: undefined
}

/** Affitor refused the call, or could not be reached. */
export interface AffitorFailure {
  ok: false
  /** HTTP status; 0 when no complete answer was read (network error, time-out, broken body). */
  status: number
  /**
   * The parsed body, or null. Affitor's SDK page promises only null here, so that the body is for
   * logs and records: decide by `status` and `error`.
   */
  data: unknown
  /** Affitor's error text, else `HTTP <status>`, else what the network reported. */
  error: string
}

/** What every method resolves to. It is told apart by `ok`. */
export type AffitorResponse<T> = AffitorSuccess<T> | AffitorFailure

/** What an answer in test mode carries in its `data` field. */
export interface TestEventData {
  eventId: number
  programId: number | string | null
  test_mode: true
}

export interface TrackLeadInput {
  /** Your own, stable user id. Later sales of this customer need no other key. */
  customerExternalId?: string | undefined
  /** Value of the `affitor_click_id` cookie. */
  clickId?: string | undefined
  /** Affitor stores a hash of it only. */
  email?: string | undefined
  /** Label of the event. Sent as `additional_data.event_name`. */
  eventName?: string | undefined
  /** Sent as `additional_data`. `{ test_mode: true }` makes an isolated test record. */
  additionalData?: Record<string, unknown> | undefined
}

export interface TrackLeadData {
  success: boolean
  message?: string
  /** Recorded, but not settled: the program asks for leads with the Bearer key. */
  provisional?: boolean
  data?: TestEventData
}

interface SaleFields {
  /** Your own user id, as given to an earlier `trackLead`. Looked up first. */
  customerExternalId?: string | undefined
  /** Value of the `affitor_click_id` cookie. Looked up when no customer has the id above. */
  clickId?: string | undefined
  /** ISO 4217 code, passed on as given. Affitor takes USD when it is absent. */
  currency?: string | undefined
  saleType?: 'payment' | 'subscription' | undefined
  /** True for the renewal of a subscription. */
  isRecurring?: boolean | undefined
  /** Affitor needs it to attribute renewals. */
  subscriptionId?: string | undefined
  subscriptionInterval?: 'monthly' | 'quarterly' | 'annual' | undefined
  /** Label of the event. Sent as `additional_data.event_name`. */
  eventName?: string | undefined
}

export interface RealSaleInput extends SaleFields {
  /** Gross amount in the smallest unit of the currency: an integer above 0. */
  amount: number
  /** Id of the payment. Affitor records each one once, over all programs: a second call answers 409. */
  invoiceId: string
  /** Sent as `additional_data`. Not on Affitor's SDK page; the HTTP endpoint documents it. */
  additionalData?: Record<string, unknown> | undefined
}

/** An isolated test record: it needs no customer, no amount and no id. */
export interface TestSaleInput extends SaleFields {
  amount?: number | undefined
  invoiceId?: string | undefined
  additionalData: { test_mode: true, [name: string]: unknown }
}

export type TrackSaleInput = RealSaleInput | TestSaleInput

export interface TrackSaleData {
  success: boolean
  message?: string
  /** Null when the attribution window had expired and nothing was stored. */
  sale_id?: number | null
  /** Null when no partner earned this sale. */
  commission_id?: number | null
  /** False when the attribution window had expired. */
  attributed?: boolean
  /** `attribution_window_expired` */
  reason?: string
  click_age_days?: number
  window_days?: number
  data?: TestEventData
}

export interface TrackRefundInput {
  /** The `invoiceId` that was given to `trackSale`. */
  invoiceId: string
  /** Refunded amount in the smallest unit of the currency. Absent or 0: the whole sale. */
  refundAmountCents?: number | undefined
  refundReason?: string | undefined
  /** Sent as `additional_data`. Not on Affitor's SDK page; the API takes test mode on every call. */
  additionalData?: Record<string, unknown> | undefined
}

export interface TrackRefundData {
  success: boolean
  /** `reversed`: whole. `refunded`: in part. `skipped`: the commission was final already. */
  status?: 'reversed' | 'refunded' | 'skipped' | 'no_commission'
  /** Why the refund was skipped. */
  reason?: string
  /** Taken off the commission, in the currency's main unit (dollars, not cents). */
  deductionAmount?: number
  commission_id?: number
  message?: string
  data?: TestEventData
}

export interface TrackClickInput {
  /** The landing address with its `?aff=` parameter. The API refuses a click without it. */
  affiliateUrl?: string | undefined
  pageUrl?: string | undefined
  referrerUrl?: string | undefined
  /** A click id issued before: the customer is kept, the partner is overwritten (last click wins). */
  existingClickId?: string | undefined
}

export interface TrackClickData {
  /** False, with a message, when the partner's link is inactive. */
  success: boolean
  click_id?: string
  partner_code?: string
  cookie_window_days?: number
  message?: string
  data?: TestEventData
}

export interface ReadinessOptions {
  /** Look again at what Affitor keeps of the tracking gate. Once a minute at most. */
  forceRecheck?: boolean | undefined
}

/** One of the five things that a program needs. */
export interface ReadinessGate {
  status: 'pass' | 'fail' | 'unknown'
  /** What to do about one that fails. */
  next_action?: string
  [detail: string]: unknown
}

/** Affitor's verdict on the program of the key. */
export interface ReadinessData {
  program_id: number
  state: 'draft' | 'configuring' | 'ready' | 'integration_verified' | 'live_verified'
  integration_verified: boolean
  /** The first gate that fails. */
  blocker: 'profile' | 'economics' | 'payout' | 'tracking' | 'live' | null
  gates: Record<'profile' | 'economics' | 'payout' | 'tracking' | 'live', ReadinessGate>
  last_event_at: { click: string | null, lead: string | null, sale: string | null }
  counts_24h: { clicks: number, leads: number, sales: number }
  key_rotated_at: string | null
  poll: { retry_after_seconds: number }
}

/** An answer of `readiness` that is no verdict. Its message is Affitor's error text, else `HTTP <status>`. */
export class AffitorApiError extends Error {
  constructor (status: number, body: unknown)
  readonly status: number
  /** Affitor's name for the error, such as `invalid_key`. */
  readonly code: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** The parsed body, or null. */
  readonly body: unknown
}

/**
 * Client of Affitor's conversion API for servers.
 *
 * The tracking methods throw a TypeError at once, before a promise exists, when an argument is wrong. The
 * promise that they return never rejects: HTTP errors and network failures resolve to `ok: false`.
 */
export class Affitor {
  /**
   * @throws TypeError when `apiKey` is missing or blank, `apiUrl` is no http(s) address, or `fetch`
   * is not a function.
   */
  constructor (options: AffitorOptions)

  /**
   * Binds a customer to the click that brought them.
   * @throws TypeError when both `customerExternalId` and `clickId` are missing.
   */
  trackLead (input: TrackLeadInput): Promise<AffitorResponse<TrackLeadData>>

  /**
   * Records a payment. Status 409 means that `invoiceId` was recorded before.
   * @throws TypeError when both ids are missing, `amount` is not a positive integer, or there is no
   * `invoiceId`. A test sale (`additionalData: { test_mode: true }`) may lack any of them.
   */
  trackSale (input: TrackSaleInput): Promise<AffitorResponse<TrackSaleData>>

  /**
   * Takes back the commission of a sale, in whole or in proportion.
   * @throws TypeError when there is no `invoiceId`, or `refundAmountCents` is not an integer of 0 or
   * more (as JSON, NaN would become null: a refund of the whole sale).
   */
  trackRefund (input: TrackRefundInput): Promise<AffitorResponse<TrackRefundData>>

  /** Records a click. The endpoint takes no authentication, so the key is not sent. */
  trackClick (input?: TrackClickInput): Promise<AffitorResponse<TrackClickData>>

  /**
   * How the program stands. It resolves to the verdict itself, and rejects where the other methods do not:
   * with an AffitorApiError when the answer is not 2xx, with what `fetch` threw when there is none.
   */
  readiness (options?: ReadinessOptions): Promise<ReadinessData>
}

export default Affitor
