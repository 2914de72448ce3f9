import type Stripe from 'stripe'
import type { CustomerReference, Fact, SaleReference } from '../../ledger/facts.js'
import type { LedgerLookups } from '../../ledger/lookups.js'
import type { Reason } from '../../ledger/reasons.js'
import type { StripeLookups } from '../lookups.js'

/** What an interpreter decides by, besides the event. */
export interface InterpretContext {
  ledger: LedgerLookups
  stripe: StripeLookups
  settings: InterpretSettings
}

export interface InterpretSettings {
  programId: string
  livemode: boolean
  /** Who records sales at Affitor: `webhook`, this program; `connect`, Affitor itself. */
  saleSource: 'webhook' | 'connect'
}

/** What a Stripe event means: facts, or the reason why there are none, and what was learned either way. */
export interface Interpretation {
  state: 'interpreted' | 'ignored' | 'parked'
  reason?: Reason
  /** Of a parked event: id of the Stripe object whose sale it needs. */
  waitingFor?: string
  facts: Fact[]
  saleReferences: SaleReference[]
  customerReferences: CustomerReference[]
}

export type Interpreter<T> = (object: T, context: InterpretContext, event: Stripe.Event) => Promise<Interpretation>

type Learned = Partial<Pick<Interpretation, 'saleReferences' | 'customerReferences'>>

const nothing = { facts: [], saleReferences: [], customerReferences: [] }

export function interpreted (facts: Fact[], learned: Learned = {}): Interpretation {
  return { state: 'interpreted', ...nothing, facts, ...learned }
}

export function ignored (reason: Reason, learned: Learned = {}): Interpretation {
  return { state: 'ignored', reason, ...nothing, ...learned }
}

export function parked (reason: Reason, waitingFor: string, learned: Learned = {}): Interpretation {
  return { state: 'parked', reason, waitingFor, ...nothing, ...learned }
}
