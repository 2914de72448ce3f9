// What `GET /_sandbox/overview` answers. The control page in the browser is checked against these types too, so this
// file imports nothing but types that need no Node. Amounts are in the currency's smallest unit, times Unix seconds.
import type { Behaviour } from '../behaviour.js'
import type { EmittedEvent } from '../delivery-state.js'

/** The newest of everything, joined as a person sees it, newest first. */
export interface Overview {
  webhookUrl: string | null
  behaviour: Behaviour
  /** How many events wait to be released. */
  heldEvents: number
  subscriptions: SubscriptionRow[]
  payments: PaymentRow[]
  sessions: SessionRow[]
  events: EventRow[]
}

/** What every row says. */
export interface Row {
  id: string
  created: number
  /** The products' names. */
  title: string
  email: string | null
  amount: number
  currency: string
}

export interface SessionRow extends Row {
  /** `open`, `complete`, `expired`; or `waiting`, while its bank debit is on the way. */
  state: string
  /** The payment page of an open one. */
  url: string | null
}

export interface SubscriptionRow extends Row {
  status: string
  /** `every month` */
  interval: string
  periodEnd: number
  endsWithPeriod: boolean
  /** The invoice whose payment failed and can be repeated. */
  unpaidInvoice: string | null
  /** Prices that it can be changed to. */
  upgrades: PriceChoice[]
}

export interface PriceChoice {
  id: string
  title: string
  amount: number
  interval: string
}

export interface PaymentRow extends Row {
  /** `waiting`: a bank debit is on its way. */
  status: 'paid' | 'waiting' | 'failed' | 'refunded' | 'partly_refunded'
  /** Why it was made, if a subscription made it. */
  reason: 'first' | 'renewal' | 'upgrade' | null
  /** The session whose bank debit waits. */
  waitingSession: string | null
  /** What can still be refunded. */
  refundable: number
  disputable: boolean
  refunds: Array<{ id: string, amount: number, status: string }>
  disputes: Array<{ id: string, amount: number, status: string, open: boolean }>
}

export interface EventRow extends EmittedEvent {
  created: number
  /** The id of what it is about. */
  object: string | null
}
