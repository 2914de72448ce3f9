import type { ErrorCode } from '../../schemas/error.js'

/** What each named schema of the contract stands for, written out once: the schemas, the routes and the client are held against it. */

export type Kind = 'lead' | 'sale' | 'refund'
export type TrackingState = 'pending' | 'delivered' | 'unattributed' | 'rejected' | 'needs_attention' | 'resolved' | 'skipped'
export type Source = 'signup' | 'api' | 'sql' | 'stripe'
export type StripeEventState = 'received' | 'interpreted' | 'ignored' | 'parked' | 'failed' | 'resolved'

export interface Resolution { note: string, by: string | null, at: string }

export interface ErrorBody { statusCode: number, code: ErrorCode, error: string, message: string, details?: Array<{ field: string, message: string }> }

export interface Lead { v: 1, clickId?: string, email?: string }
export interface Sale {
  v: 1
  amountCents: number
  currency: string
  saleType: 'payment' | 'subscription'
  isRecurring: boolean
  paidCents?: number
  clickId?: string
  subscriptionId?: string
  subscriptionInterval?: 'monthly' | 'quarterly' | 'annual'
  productId?: string
  productNote?: 'several_products' | 'no_product'
}
export interface Refund { v: 1, amountCents: number, currency: string, full: boolean, refundReason?: string }

export interface EventOf<OneKind extends Kind, SaleTransactionId, Payload> {
  id: number
  kind: OneKind
  transactionId: string
  saleTransactionId: SaleTransactionId
  customerKey: string
  customerEmail: string | null
  payload?: Payload
  unreadablePayload?: Record<string, unknown>
  source: Source
  stripeEventId: string | null
  occurredAt: string
  state: TrackingState
  reason: string | null
  explanation: string | null
  advice: string | null
  attentionSince: string | null
  resolution: Resolution | null
  retryable: boolean
  attempts: number
  nextAttemptAt: string | null
  lastStatus: number | null
  lastError: string | null
  response: unknown
  createdAt: string
  settledAt: string | null
}

export type LeadEvent = EventOf<'lead', string | null, Lead>
export type SaleEvent = EventOf<'sale', string | null, Sale>
export type RefundEvent = EventOf<'refund', string, Refund>
export type TrackingEvent = LeadEvent | SaleEvent | RefundEvent

export interface StripeEvent {
  id: string
  type: string
  apiVersion: string | null
  livemode: boolean
  customerKey: string | null
  customerEmail: string | null
  createdAt: string
  receivedAt: string
  state: StripeEventState
  reason: string | null
  explanation: string | null
  advice: string | null
  attentionSince: string | null
  resolution: Resolution | null
  attempts: number
  nextAttemptAt: string | null
}

export interface Attempt { trackingEventId: number, attempt: number, status: number, error: string | null, durationMs: number }

export interface Action {
  action: 'retry' | 'hold' | 'resolve' | 'reopen' | 'delete_personal_data'
  trackingEventId: number | null
  stripeEventId: string | null
  note: string | null
  by: string | null
}

interface Check { check: string, status: 'pass' | 'fail' | 'skip', message: string, fix: string | null }
interface Customer {
  customerKey: string
  email: string | null
  clickId: string | null
  matched: 'email' | 'email_prefix' | 'customer_key' | 'customer_key_prefix' | 'click_id' | 'stripe_object' | 'stripe_event' | 'transaction'
  firstSeenAt: string
  lastSeenAt: string
  sales: Sales[]
  needsAttention: number
}
interface Sales { currency: string, count: number, amountCents: number, refundedCents: number }
interface Group {
  kind: 'fact' | 'stripe_event'
  reason: string | null
  explanation: string | null
  advice: string | null
  count: number
  oldestSince: string
  retryable: boolean
}
interface Funnel { currency: string, sales: number, attributedSales: number, revenueCents: number, refundedCents: number, commissionCents: number | null }
interface Bucket { at: string, answered: number, failed: number }
interface Delivery { state: 'running' | 'paused', reason: string | null, pausedUntil: string | null }
interface Checkout { sessionId: string, priceId: string, mode: 'payment' | 'subscription', quantity: number }
interface KindCount { kind: Kind, state: TrackingState, count: number }
interface StripeCount { state: StripeEventState, count: number }
type Period = '1h' | '24h' | '7d' | '30d'

interface AtCheckout { at: string, kind: 'checkout', checkout: Checkout }
interface AtStripeEvent { at: string, kind: 'stripe_event', stripeEvent: StripeEvent }
interface AtFact { at: string, kind: 'fact', trackingEvent: TrackingEvent }
interface AtAttempt { at: string, kind: 'attempt', attempt: Attempt }
interface AtAction { at: string, kind: 'action', action: Action }
export type StoryEntry = AtStripeEvent | AtCheckout | AtFact | AtAttempt | AtAction

/** By the names that apps import and that the document has. */
export interface Contract {
  AlertMessage: {
    text: string
    cause: 'attention' | 'delivery_paused' | 'delivery_late'
    state: 'raised' | 'over'
    since: string
    count?: number
    oldestSeconds?: number
    operatorUrl?: string
  }
  Attention: { groups: Group[] }
  AttentionGroup: Group
  AttributionMetadata: { affitor_customer_key: string, program_id: string, affitor_click_id?: string }
  AttributionRequest: { customerKey: string, clickId?: string | null }
  Authentication: { userId: string, accessToken: string }
  ChangedByReason: { changed: number, remaining: number }
  CheckoutRequest: { priceId: string, mode: 'payment' | 'subscription', quantity?: number, affitorClickId?: string | null }
  CheckoutSession: { sessionId: string, url: string }
  CurrencyFunnel: Funnel
  CustomerExport: {
    customerKey: string
    forgottenAt: string | null
    user: unknown
    facts: TrackingEvent[]
    attempts: Array<{ at: string, attempt: Attempt }>
    stripeEvents: Array<{ event: StripeEvent, payload: unknown }>
    checkouts: Array<{ at: string, checkout: Checkout }>
    stripeReferences: Array<{ reference: string, livemode: boolean, since: string }>
    saleReferences: Array<{ reference: string, saleTransactionId: string }>
    operatorActions: AtAction[]
  }
  CustomerSearch: { customers: Customer[], truncated: boolean }
  CustomerStory: {
    customerKey: string
    email: string | null
    verdict: string
    clickId: string | null
    stripeReferences: string[]
    entries: StoryEntry[]
  }
  DeliveryAttempt: Attempt
  DeliveryBucket: Bucket
  DeliveryReport: { period: Period, since: string, bucketSeconds: number, buckets: Bucket[] }
  DeliveryStatus: Delivery
  ErrorDetail: { field: string, message: string }
  ErrorResponse: ErrorBody
  ExportedAttempt: { at: string, attempt: Attempt }
  ExportedCheckout: { at: string, checkout: Checkout }
  ExportedStripeEvent: { event: StripeEvent, payload: unknown }
  FactSource: Source
  FoundCustomer: Customer
  FoundSales: Sales
  InstallationCheck: Check
  InstallationChecks: { checks: Check[], checkedAt: string }
  LeadEvent: LeadEvent
  LeadPayload: Lead
  LeadReport: { customerKey: string, email?: string, clickId?: string | null }
  Liveness: { status: 'ok' }
  LoginRequest: { email: string, password: string }
  OperatorAction: Action
  Period: Period
  PersonalDataRemoval: { customerKey: string, facts: number, stripeEvents: number, deliveryAttempts: number, notes: number }
  ProgramStatus: { programId: string, state: string, blocker: string | null, clicks24h: number | null, checkedAt: string }
  Readiness: { status: 'ok', delivery: Delivery }
  RefundEvent: RefundEvent
  RefundPayload: Refund
  RefundReport: { saleTransactionId: string, refundId?: string, amountCents?: number, reason?: string }
  SaleEvent: SaleEvent
  SalePayload: Sale
  SaleReference: { reference: string, saleTransactionId: string }
  SaleReport: {
    customerKey: string
    transactionId: string
    amountCents: number
    currency: string
    saleType?: 'payment' | 'subscription'
    isRecurring?: boolean
    subscriptionId?: string
    subscriptionInterval?: 'monthly' | 'quarterly' | 'annual'
    productId?: string
    occurredAt?: string
  }
  SignupRequest: { email: string, password: string, affitorClickId?: string | null }
  StartedCheckout: Checkout
  StoryAction: AtAction
  StoryAttempt: AtAttempt
  StoryCheckout: AtCheckout
  StoryEntry: StoryEntry
  StoryFact: AtFact
  StoryStripeEvent: AtStripeEvent
  StripeEvent: StripeEvent
  StripeEventCount: StripeCount
  StripeEventData: { object: Record<string, unknown> }
  StripeEventPage: { events: StripeEvent[], nextCursor: string | null }
  StripeEventReceipt: { received: true, stored: boolean }
  StripeEventReport: { object: 'event', id: string, type: string, account?: string, data?: { object: Record<string, unknown> } }
  StripeEventState: StripeEventState
  StripeObject: Record<string, unknown>
  StripeReference: { reference: string, livemode: boolean, since: string }
  StripeSnapshotEvent: {
    object: 'event', id: string, type: string, created: number, livemode: boolean, data: { object: Record<string, unknown> }
  }
  TrackingCount: KindCount
  TrackingEvent: TrackingEvent
  TrackingEventPage: { events: TrackingEvent[], nextCursor: string | null }
  TrackingFunnel: { period: Period, since: string, leads: number, referredLeads: number, checkouts: number, sales: number, currencies: Funnel[] }
  TrackingKind: Kind
  TrackingState: TrackingState
  TrackingSummary: {
    counts: KindCount[]
    oldestPendingSeconds: number | null
    stripeEvents: StripeCount[]
    delivery: Delivery
    stripeDashboard: string | null
    affitorDashboard: string | null
  }
  UnreadablePayload: Record<string, unknown>
  WebhookReceipt: { received: true }
}
