import type Stripe from 'stripe'
import { readStateFile, StateFileWriter } from '../state-file.js'
import type { DeliveryState } from './delivery-state.js'

/** What was asked for at the creation of a session and is used when it is paid. */
export interface CheckoutDraft {
  /** The session's id. */
  id: string
  lineItems: Stripe.LineItem[]
  subscriptionData: { metadata: Stripe.Metadata, description: string | null, trialDays: number | null }
  paymentIntentData: {
    metadata: Stripe.Metadata,
    description: string | null,
    receiptEmail: string | null,
    captureMethod?: Stripe.PaymentIntent.CaptureMethod | undefined
  }
}

/** What a quote is for. */
export interface QuoteItems {
  /** The quote's id. */
  id: string
  lineItems: Stripe.LineItem[]
}

/** An object of a connected account. */
export interface Ownership {
  /** The object's id. */
  id: string
  /** `acct_...` */
  account: string
}

/** One attempt to deliver an event. */
export interface DeliveryAttempt {
  /** Unix seconds. */
  at: number
  /** The HTTP status of the answer, or null without one. */
  status: number | null
  error: string | null
  durationMs: number
}

/** An event with its delivery log. */
export interface StoredEvent {
  id: string
  event: Stripe.Event
  delivery: DeliveryState
  attempts: DeliveryAttempt[]
}

/** The first answer to a request with an `Idempotency-Key`. */
export interface StoredAnswer {
  /** The key. */
  id: string
  created: number
  request: string
  requestId: string
  statusCode: number
  body: unknown
}

interface Records {
  products: Stripe.Product
  prices: Stripe.Price
  customers: Stripe.Customer
  creditNotes: Stripe.CreditNote
  balanceTransactions: Stripe.CustomerBalanceTransaction
  sessions: Stripe.Checkout.Session
  drafts: CheckoutDraft
  subscriptions: Stripe.Subscription
  invoices: Stripe.Invoice
  invoiceItems: Stripe.InvoiceItem
  invoicePayments: Stripe.InvoicePayment
  paymentIntents: Stripe.PaymentIntent
  charges: Stripe.Charge
  quotes: Stripe.Quote
  quoteItems: QuoteItems
  refunds: Stripe.Refund
  disputes: Stripe.Dispute
  webhookEndpoints: Stripe.WebhookEndpoint
  owners: Ownership
  events: StoredEvent
  answers: StoredAnswer
}

/** Everything the stand-in remembers, by id, oldest first. */
export type StripeState = { readonly [K in keyof Records]: Map<string, Records[K]> }

const COLLECTIONS = [
  'products', 'prices', 'customers', 'sessions', 'drafts', 'subscriptions', 'invoices', 'invoicePayments',
  'paymentIntents', 'charges', 'refunds', 'disputes', 'events', 'answers',
  'balanceTransactions', 'creditNotes', 'invoiceItems', 'quotes', 'quoteItems', 'owners', 'webhookEndpoints'
] as const satisfies ReadonlyArray<keyof Records>
// Not in the files of earlier versions.
const ADDED: ReadonlySet<keyof Records> = new Set([
  'balanceTransactions', 'creditNotes', 'invoiceItems', 'quotes', 'quoteItems', 'owners', 'webhookEndpoints'
])

const FILE_VERSION = 1

/** An empty state. */
export function emptyState (): StripeState {
  return {
    products: new Map(),
    prices: new Map(),
    customers: new Map(),
    creditNotes: new Map(),
    balanceTransactions: new Map(),
    sessions: new Map(),
    drafts: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoiceItems: new Map(),
    invoicePayments: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    quotes: new Map(),
    quoteItems: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    webhookEndpoints: new Map(),
    owners: new Map(),
    events: new Map(),
    answers: new Map()
  }
}

/** Forgets everything. */
export function clearState (state: StripeState): void {
  for (const name of COLLECTIONS) state[name].clear()
}

/** A deep copy in the form that the object has in JSON, so that an event keeps showing what was true when it happened. */
export function snapshot<T> (value: T): T {
  return JSON.parse(JSON.stringify(value))
}

/**
 * Fills a state from its file, if there is one.
 * @throws Error with the file's name and what is wrong with it.
 */
export async function loadState (state: StripeState, file: string): Promise<void> {
  const text = await readStateFile(file).catch((error: unknown) => {
    throw new Error(`The Stripe sandbox cannot read its state file ${file}: ${String(error)}`, { cause: error })
  })
  if (text === undefined) return
  try {
    fill(state, JSON.parse(text))
  } catch (error) {
    clearState(state)
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The Stripe sandbox's state file ${file} is broken: ${reason}. Move it away to start with an empty sandbox.`,
      { cause: error }
    )
  }
}

function fill (state: StripeState, content: unknown): void {
  if (!isRecord(content) || content.version !== FILE_VERSION) throw new Error(`expected version ${FILE_VERSION}`)
  for (const name of COLLECTIONS) {
    const records = content[name] ?? (ADDED.has(name) ? [] : undefined)
    if (!Array.isArray(records)) throw new Error(`"${name}" is not a list`)
    const collection: Map<string, unknown> = state[name]
    for (const record of records) {
      if (!isRecord(record) || typeof record.id !== 'string') throw new Error(`an entry of "${name}" has no id`)
      collection.set(record.id, record)
    }
  }
}

function isRecord (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keeps the state in the file, which no other user of the machine may read. */
export function stateWriter (state: StripeState, path: string | undefined): StateFileWriter {
  const content = () => JSON.stringify({ version: FILE_VERSION, ...Object.fromEntries(COLLECTIONS.map((name) => [name, [...state[name].values()]])) })
  return new StateFileWriter({ path, content, mode: 0o600 })
}
