import type Stripe from 'stripe'
import type { Correction, CustomerReference, Fact, SaleReference } from '../../ledger/facts.js'
import type { LedgerLookups } from '../../ledger/lookups.js'
import type { Reason } from '../../ledger/reasons.js'
import type { StripeLookups } from '../lookups.js'

/** What an interpreter decides by, besides the event. */
export interface InterpretContext {
  ledger: LedgerLookups
  stripe: StripeLookups
  settings: InterpretSettings
}

/** The shop's choices; each is a variable of the environment. */
export interface InterpretSettings {
  programId: string
  livemode: boolean
  /** Who records sales at Affitor: `webhook`, this program; `connect`, Affitor itself. */
  saleSource: 'webhook' | 'connect'
  /** Whether the commission is on the amount with tax or without. */
  saleAmount: 'gross' | 'net_of_tax'
  /** Count payments for a change of the subscription in mid-cycle. */
  countUpgrades: boolean
  /** Count invoices that were paid outside of Stripe. */
  countOutOfBandPayments: boolean
  /** Tell Affitor which product was bought. */
  sendProductId: boolean
  /** Connected accounts (`acct_`) whose payments are ours too. */
  connectedAccounts: ReadonlySet<string>
  /** ISO 4217 codes, upper case; sales in others need attention. */
  currencies: ReadonlySet<string>
}

/** What a Stripe event means: facts, or the reason why there are none, and what was learned either way. */
export interface Interpretation {
  state: 'interpreted' | 'ignored' | 'parked'
  reason?: Reason
  /** Ids of the Stripe objects of which one would change the answer: a sale that was not seen yet, a customer that nobody knows. */
  waitingFor?: string[]
  customerKey?: string
  facts: Fact[]
  corrections: Correction[]
  saleReferences: SaleReference[]
  customerReferences: CustomerReference[]
}

/** Something that Stripe is asked. */
export interface Question { lookup: keyof StripeLookups, id: string }

export type Interpreter<T> = (object: T, context: InterpretContext, event: Stripe.Event) => Promise<Interpretation>

type Learned = Partial<Omit<Interpretation, 'state' | 'reason' | 'facts'>>

const nothing = { facts: [], corrections: [], saleReferences: [], customerReferences: [] }

export function interpreted (facts: Fact[], learned: Learned = {}): Interpretation {
  const customerKey = facts[0]?.customerKey
  return { state: 'interpreted', ...nothing, facts, ...(customerKey === undefined ? {} : { customerKey }), ...learned }
}

export function ignored (reason: Reason, learned: Learned = {}): Interpretation {
  return { state: 'ignored', reason, ...nothing, ...learned }
}

export function parked (waitingFor: string[]): Interpretation {
  return { state: 'parked', reason: 'waiting_for_sale', waitingFor, ...nothing }
}
