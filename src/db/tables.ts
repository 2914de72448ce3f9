import { sql } from 'drizzle-orm'
import { bigint, boolean, integer, jsonb, pgSchema, primaryKey, text, timestamp, unique } from 'drizzle-orm/pg-core'
import type { CheckoutMode } from '../../schemas/checkout.js'
import type { OperatorAction } from '../../schemas/customer-story.js'
import type { LeadPayload, RefundPayload, SalePayload, StripeEventState, TrackingKind, TrackingState } from '../../schemas/tracking.js'

/** Tables that are counted by blocks. */
export type TallySource = 'tracking_events' | 'stripe_events' | 'checkout_sessions'

/** Why somebody is alerted. */
export type AlertCause = 'attention' | 'delivery_paused' | 'delivery_late'

/** What the migrations make, as queries need it: columns and keys. `test/db/tables.test.ts` holds it against them. */
const affitor = pgSchema('affitor')

const time = (name: string) => timestamp(name, { withTimezone: true })

/** How a fact is stored: what a person has dealt with still needs attention by itself, so its refunds and retries go as before. */
export type LedgerState = Exclude<TrackingState, 'resolved'>

/** The inbox: every Stripe event of a type that is needed, as it was signed. */
export const stripeEvents = affitor.table('stripe_events', {
  id: text().primaryKey(),
  /** Order of arrival; the operator's pages are cut by it. */
  seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
  type: text().notNull(),
  apiVersion: text('api_version'),
  livemode: boolean().notNull(),
  createdAt: time('created').notNull(),
  /**
   * JSON, kept as text: `jsonb` refuses the escape \u0000 and `json` deep nesting, and a signed event may contain
   * either.
   */
  payload: text().notNull(),
  receivedAt: time('received_at').notNull().defaultNow(),
  state: text().$type<Exclude<StripeEventState, 'resolved'>>().notNull().default('received'),
  reason: text(),
  /** The Stripe objects of which one would make a difference: a refund's sale, a customer that nobody knows yet; `customer:KEY`, a lead. */
  waitingFor: text('waiting_for').array(),
  /** Since when it is parked: it is given up by this, not by its age. */
  parkedSince: time('parked_since'),
  /** Whose event it turned out to be. */
  customerKey: text('customer_key'),
  attempts: integer().notNull().default(0),
  nextAttemptAt: time('next_attempt_at').defaultNow(),
  leasedUntil: time('leased_until'),
  leasedBy: text('leased_by'),
  lastError: text('last_error'),
  attentionSince: time('attention_since'),
  resolvedAt: time('resolved_at'),
  /** The trace of the request that brought it. */
  traceparent: text()
}, table => [
  unique('stripe_events_seq_key').on(table.seq)
])

/** The ledger: one row a fact, unique by kind and transaction id, delivered in order of id per customer. */
export const trackingEvents = affitor.table('tracking_events', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  kind: text().$type<TrackingKind>().notNull(),
  transactionId: text('transaction_id').notNull(),
  saleTransactionId: text('sale_transaction_id'),
  customerKey: text('customer_key').notNull(),
  payload: jsonb().$type<LeadPayload | SalePayload | RefundPayload>().notNull(),
  source: text().notNull(),
  /** When it happened, by Stripe's clock for payments and refunds. */
  occurredAt: time('occurred_at').notNull().defaultNow(),
  state: text().$type<LedgerState>().notNull().default('pending'),
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
  settledAt: time('settled_at'),
  /** Since when it needs attention, whatever was tried meanwhile. */
  attentionSince: time('attention_since'),
  /** When a person said that it is dealt with. */
  resolvedAt: time('resolved_at'),
  /** The trace of what brought it: its deliveries go on with that. */
  traceparent: text()
}, table => [
  unique('tracking_events_kind_transaction_id_key').on(table.kind, table.transactionId)
])

/** What people did about facts, Stripe events and customers. */
export const operatorActions = affitor.table('operator_actions', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  trackingEventId: bigint('tracking_event_id', { mode: 'number' }).references(() => trackingEvents.id, { onDelete: 'cascade' }),
  stripeEventId: text('stripe_event_id').references(() => stripeEvents.id, { onDelete: 'cascade' }),
  customerKey: text('customer_key'),
  action: text().$type<OperatorAction['action']>().notNull(),
  note: text(),
  doneBy: text('done_by'),
  doneAt: time('done_at').notNull().defaultNow()
})

/** Checkout Sessions that were created for customers: whether they were paid, Stripe's events tell. */
export const checkoutSessions = affitor.table('checkout_sessions', {
  id: text().primaryKey(),
  customerKey: text('customer_key').notNull(),
  priceId: text('price_id').notNull(),
  mode: text().$type<CheckoutMode>().notNull(),
  quantity: integer().notNull(),
  createdAt: time('created_at').notNull().defaultNow()
})

/** Every answer that Affitor gave, or failed to give. */
export const deliveryAttempts = affitor.table('delivery_attempts', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  trackingEventId: bigint('tracking_event_id', { mode: 'number' }).notNull().references(() => trackingEvents.id, { onDelete: 'cascade' }),
  attempt: integer().notNull(),
  /** HTTP status; 0 when no answer came. */
  status: integer().notNull(),
  error: text(),
  durationMs: integer('duration_ms').notNull(),
  finishedAt: time('finished_at').notNull().defaultNow()
})

/** Stripe objects (`cs_`, `in_`, `pi_`, `sub_`) that belong to a sale: refunds name a payment intent, sales a session or invoice. */
export const saleReferences = affitor.table('sale_references', {
  reference: text().notNull(),
  saleTransactionId: text('sale_transaction_id').notNull()
}, table => [
  primaryKey({ columns: [table.reference, table.saleTransactionId] })
])

/** Whose a Stripe customer or subscription is, learned from what carried our metadata. */
export const customerReferences = affitor.table('customer_references', {
  reference: text().primaryKey(),
  customerKey: text('customer_key').notNull(),
  livemode: boolean().notNull(),
  /** Whether a checkout may send this customer to Stripe as this Stripe customer: a Checkout Session of ours made the bond. */
  reusable: boolean().notNull().default(false),
  /** The earliest time of which this is known: what was paid before may have been somebody else's. */
  since: time('since').notNull()
})

/** What has just become known: Stripe events that wait for it are read again. */
export const arrivals = affitor.table('arrivals', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  reference: text().notNull()
})

/** Workers that hold an advisory lock for as long as they live: leases of one whose lock is free may be ended. */
export const workers = affitor.table('workers', {
  owner: text().primaryKey(),
  lockKey: integer('lock_key').notNull(),
  /** When it last said by another connection that it lives; it does so only while it has no lock. */
  seenAt: time('seen_at').notNull().defaultNow()
})

/** At most one row: delivery waits because Affitor refuses the API key. */
export const deliveryPauses = affitor.table('delivery_pauses', {
  id: integer().primaryKey().default(1),
  reason: text().notNull(),
  failures: integer().notNull().default(1),
  since: time('since').notNull().defaultNow(),
  until: time('until').notNull()
})

/** Blocks of rows that are counted in `tallies`, unless they are in `recounts`. */
export const talliedBlocks = affitor.table('tallied_blocks', {
  source: text().$type<TallySource>().notNull(),
  block: bigint({ mode: 'number' }).notNull()
}, table => [
  primaryKey({ columns: [table.source, table.block] })
])

/** How many rows of a block are alike: without an hour of all times, with one of the last 31 days. */
export const tallies = affitor.table('tallies', {
  source: text().$type<TallySource>().notNull(),
  block: bigint({ mode: 'number' }).notNull(),
  kind: text().$type<TrackingKind>(),
  state: text(),
  hour: time('hour'),
  currency: text(),
  cents: bigint({ mode: 'number' }),
  referred: boolean(),
  count: integer().notNull()
})

/** Blocks of which a row changed after it was settled, by the transaction that changed it. */
export const recounts = affitor.table('recounts', {
  source: text().$type<TallySource>().notNull(),
  block: bigint({ mode: 'number' }).notNull(),
  xid: bigint({ mode: 'number' }).notNull().default(sql`txid_current()`)
}, table => [
  primaryKey({ columns: [table.source, table.block, table.xid] })
])

/** What the receiver of alerts was told, by cause. */
export const alerts = affitor.table('alerts', {
  cause: text().$type<AlertCause>().primaryKey(),
  /** What the receiver knows. */
  told: text().$type<'raised' | 'over'>().notNull().default('over'),
  /** Of the last message: since when the cause lasted. */
  since: time('since'),
  /** When the receiver last took the message that the cause lasts. */
  raisedAt: time('raised_at'),
  /** How often in a row the receiver did not take a message. */
  failures: integer().notNull().default(0),
  /** When the next attempt may be made. */
  nextAt: time('next_at').notNull()
})

/** Customers whose personal data was deleted: of what still comes of them, none is kept. */
export const forgottenCustomers = affitor.table('forgotten_customers', {
  customerKey: text('customer_key').primaryKey(),
  forgottenAt: time('forgotten_at').notNull().defaultNow()
})
