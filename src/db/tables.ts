import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import type { CheckoutMode } from '../../schemas/checkout.js'
import type { LeadPayload, RefundPayload, SalePayload, StripeEventState, TrackingKind, TrackingState } from '../../schemas/tracking.js'

const time = (name: string) => timestamp(name, { withTimezone: true })

/** The inbox: every Stripe event of a type that is needed, as it was signed. */
export const stripeEvents = pgTable('stripe_events', {
  id: text().primaryKey(),
  /** Order of arrival; the operator's pages are cut by it. */
  seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
  type: text().notNull(),
  apiVersion: text('api_version'),
  livemode: boolean().notNull(),
  created: time('created').notNull(),
  /**
   * JSON, kept as text: `jsonb` refuses the escape \u0000 and `json` deep nesting, and a signed event may contain
   * either.
   */
  payload: text().notNull(),
  receivedAt: time('received_at').notNull().defaultNow(),
  state: text().$type<StripeEventState>().notNull().default('received'),
  reason: text(),
  /** The Stripe objects of which one would make a difference: a refund's sale, a customer that nobody knows yet. */
  waitingFor: text('waiting_for').array(),
  /** Since when it is parked: it is given up by this, not by its age. */
  parkedSince: time('parked_since'),
  /** Whose event it turned out to be. */
  customerKey: text('customer_key'),
  attempts: integer().notNull().default(0),
  nextAttemptAt: time('next_attempt_at').defaultNow(),
  leasedUntil: time('leased_until'),
  leasedBy: text('leased_by'),
  lastError: text('last_error')
}, table => [
  uniqueIndex('stripe_events_seq_key').on(table.seq),
  index('stripe_events_due').on(table.nextAttemptAt, table.seq).where(sql`state in ('received', 'parked')`),
  index('stripe_events_waiting_for').using('gin', table.waitingFor).with({ fastupdate: false }).where(sql`waiting_for is not null`),
  index('stripe_events_customer').on(table.customerKey, table.created).where(sql`customer_key is not null`),
  index('stripe_events_state_seq').on(table.state, table.seq),
  index('stripe_events_final').on(table.receivedAt).where(sql`state in ('interpreted', 'ignored')`)
])

/** The ledger: one row a fact, unique by kind and transaction id, delivered in order of id per customer. */
export const trackingEvents = pgTable('tracking_events', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  kind: text().$type<TrackingKind>().notNull(),
  transactionId: text('transaction_id').notNull(),
  saleTransactionId: text('sale_transaction_id'),
  customerKey: text('customer_key').notNull(),
  payload: jsonb().$type<LeadPayload | SalePayload | RefundPayload>().notNull(),
  source: text().notNull(),
  /** When it happened, by Stripe's clock for payments and refunds. */
  occurredAt: time('occurred_at').notNull().defaultNow(),
  state: text().$type<TrackingState>().notNull().default('pending'),
  reason: text(),
  attempts: integer().notNull().default(0),
  nextAttemptAt: time('next_attempt_at').defaultNow(),
  /** When retrying ends and a person must look; set at the first attempt. */
  giveUpAt: time('give_up_at'),
  /** When Affitor last answered 401 to it and delivery paused. */
  refusedAt: time('refused_at'),
  leasedUntil: time('leased_until'),
  leasedBy: text('leased_by'),
  lastStatus: integer('last_status'),
  lastError: text('last_error'),
  response: jsonb(),
  createdAt: time('created_at').notNull().defaultNow(),
  settledAt: time('settled_at')
}, table => [
  uniqueIndex('tracking_events_kind_transaction_id_key').on(table.kind, table.transactionId),
  index('tracking_events_due').on(table.nextAttemptAt, table.id).where(sql`state = 'pending'`),
  index('tracking_events_pending_of_customer').on(table.customerKey, table.id).where(sql`state = 'pending'`),
  index('tracking_events_customer').on(table.customerKey, table.id),
  index('tracking_events_state_id').on(table.state, table.id),
  index('tracking_events_occurred').on(table.occurredAt),
  index('tracking_events_refunds_of_sale').on(table.saleTransactionId).where(sql`kind = 'refund'`)
])

/** Checkout Sessions that were created for customers: whether they were paid, Stripe's events tell. */
export const checkoutSessions = pgTable('checkout_sessions', {
  id: text().primaryKey(),
  customerKey: text('customer_key').notNull(),
  priceId: text('price_id').notNull(),
  mode: text().$type<CheckoutMode>().notNull(),
  quantity: integer().notNull(),
  createdAt: time('created_at').notNull().defaultNow()
}, table => [
  index('checkout_sessions_customer').on(table.customerKey, table.createdAt),
  index('checkout_sessions_created').on(table.createdAt)
])

/** Every answer that Affitor gave, or failed to give. */
export const deliveryAttempts = pgTable('delivery_attempts', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  trackingEventId: bigint('tracking_event_id', { mode: 'number' }).notNull().references(() => trackingEvents.id, { onDelete: 'cascade' }),
  attempt: integer().notNull(),
  /** HTTP status; 0 when no answer came. */
  status: integer().notNull(),
  error: text(),
  durationMs: integer('duration_ms').notNull(),
  finishedAt: time('finished_at').notNull().defaultNow()
}, table => [
  index('delivery_attempts_tracking_event').on(table.trackingEventId, table.id),
  index('delivery_attempts_finished').on(table.finishedAt)
])

/** Stripe objects (`cs_`, `in_`, `pi_`, `sub_`) that belong to a sale: refunds name a payment intent, sales a session or invoice. */
export const saleReferences = pgTable('sale_references', {
  reference: text().notNull(),
  saleTransactionId: text('sale_transaction_id').notNull()
}, table => [
  primaryKey({ columns: [table.reference, table.saleTransactionId] }),
  index('sale_references_sale').on(table.saleTransactionId)
])

/** Whose a Stripe customer or subscription is, learned from what carried our metadata. */
export const customerReferences = pgTable('customer_references', {
  reference: text().primaryKey(),
  customerKey: text('customer_key').notNull(),
  livemode: boolean().notNull(),
  /** Whether a checkout may send this customer to Stripe as this Stripe customer: a Checkout Session of ours made the bond. */
  reusable: boolean().notNull().default(false),
  /** The earliest time of which this is known: what was paid before may have been somebody else's. */
  since: time('since').notNull()
}, table => [
  index('customer_references_customer').on(table.customerKey)
])

/** At most one row: delivery waits because Affitor refuses the API key. */
export const deliveryPauses = pgTable('delivery_pauses', {
  id: integer().primaryKey().default(1),
  reason: text().notNull(),
  failures: integer().notNull().default(1),
  since: time('since').notNull().defaultNow(),
  until: time('until').notNull()
})

/** One row: what the database is for. A start for anything else is refused (`purpose.ts`). */
export const installation = pgTable('installation', {
  id: integer().primaryKey().default(1),
  mode: text().$type<'sandbox' | 'live'>().notNull(),
  affitorProgramId: text('affitor_program_id').notNull(),
  /** Whether the Stripe key is a live one. */
  stripeLivemode: boolean('stripe_livemode').notNull(),
  createdAt: time('created_at').notNull().defaultNow()
}, table => [
  check('installation_is_one_row', sql`${table.id} = 1`)
])
