import type { FastifyBaseLogger } from 'fastify'
import { sql } from 'drizzle-orm'
import Stripe from 'stripe'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database, Transaction } from '../db/pool.js'
import { doNotWaitForDisk } from '../ledger/durability.js'
import { applyCorrections, insertCustomerReferences, insertFacts, insertSaleReferences } from '../ledger/facts.js'
import { ledgerLookups } from '../ledger/lookups.js'
import { claimStripeEvents, postponeStripeEvent, settleStripeEvent } from '../ledger/stripe-events.js'
import type { ClaimedStripeEvent, StripeEventResult } from '../ledger/stripe-events.js'
import { knownLookups, LookupNeeded } from '../stripe/lookups.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { interpret, objectsOf } from '../stripe/interpret/index.js'
import type { Interpretation, InterpretSettings } from '../stripe/interpret/interpretation.js'
import { throughOutages } from './outages.js'

export interface InterpretStepOptions {
  db: Database
  owner: string
  stripe: StripeLookups
  settings: InterpretSettings
  /** How long a parked event waits for its sale, in seconds. */
  maxAgeSeconds: number
  log: FastifyBaseLogger
  /** Ends waiting for the database when the time for a graceful stop is over. */
  signal: AbortSignal
  /** Told when facts were added to the ledger. */
  onFacts (): void
}

const LEASE_SECONDS = 60
const RETRY_BASE_MS = 2_000
const RETRY_CAP_MS = 600_000
const PARK_CAP_MS = 3_600_000
/** No interpreter asks Stripe more than this for one event. */
const MAX_LOOKUPS = 10

/** Turns stored Stripe events into facts of the ledger. */
export function interpretStep (options: InterpretStepOptions) {
  const { db, owner, log } = options

  async function run (claimed: ClaimedStripeEvent): Promise<void> {
    const patience = { until: performance.now() + LEASE_SECONDS * 1000, signal: options.signal }
    try {
      const added = await throughOutages(() => interpretWithLookups(claimed), patience)
      if (added) options.onFacts()
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error
      await throughOutages(() => handleFailure(claimed, error), patience)
    }
  }

  /** Asks Stripe between transactions, never within one. */
  async function interpretWithLookups (claimed: ClaimedStripeEvent): Promise<boolean> {
    const event = JSON.parse(claimed.payload) as Stripe.Event
    const known = new Map<string, unknown>()
    for (let asked = 0; ; asked++) {
      try {
        return await db.transaction(tx => interpretInTransaction(tx, claimed, event, knownLookups(options.stripe, known)))
      } catch (error) {
        if (!(error instanceof LookupNeeded) || asked === MAX_LOOKUPS) throw error
        await error.fetch()
      }
    }
  }

  async function interpretInTransaction (
    tx: Transaction, claimed: ClaimedStripeEvent, event: Stripe.Event, stripe: StripeLookups
  ): Promise<boolean> {
    // Taken in the order of the list, which is sorted: two events that share several objects cannot wait for each other.
    await tx.execute(sql`
      select pg_advisory_xact_lock(hashtextextended('stripe ' || id, 0)), ${doNotWaitForDisk}
      from unnest(${sql.param(objectsOf(event))}::text[]) as object(id)`)
    const interpretation = await interpret(event, { ledger: ledgerLookups(tx), stripe, settings: options.settings })
    await insertFacts(tx, claimed.id, interpretation.facts)
    await insertSaleReferences(tx, interpretation.saleReferences)
    await insertCustomerReferences(tx, interpretation.customerReferences)
    await applyCorrections(tx, interpretation.corrections)
    const settled = await settleStripeEvent(tx, owner, claimed.id, resultOf(interpretation, claimed))
    if (!settled) tx.rollback()
    return interpretation.facts.length > 0
  }

  function resultOf (interpretation: Interpretation, { attempts, ageSeconds }: ClaimedStripeEvent): StripeEventResult {
    const { state, reason, waitingFor, customerKey } = interpretation
    if (state === 'parked' && ageSeconds > options.maxAgeSeconds) return { state: 'ignored', reason: 'sale_not_found' }
    return {
      state,
      ...(reason && { reason }),
      ...(waitingFor && { waitingFor }),
      ...(customerKey && { customerKey }),
      ...(state === 'parked' && { retryInMs: delay(attempts, PARK_CAP_MS) })
    }
  }

  async function handleFailure (claimed: ClaimedStripeEvent, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof Stripe.errors.StripeError) {
      log.warn({ stripeEvent: claimed.id, stripeError: error.type }, 'Stripe could not be asked about an event; trying again later')
      await postponeStripeEvent(db, owner, claimed.id, delay(claimed.attempts, RETRY_CAP_MS), message)
      return
    }
    log.error({ err: error, stripeEvent: claimed.id }, 'A Stripe event could not be interpreted')
    await settleStripeEvent(db, owner, claimed.id, { state: 'failed', reason: 'interpretation_failed', error: message })
  }

  return {
    claim: (limit: number, held: ClaimedStripeEvent[]) =>
      claimStripeEvents(db, owner, limit, LEASE_SECONDS, held.map(event => event.id)),
    run
  }
}

function delay (attempts: number, capMs: number): number {
  return Math.min(capMs, RETRY_BASE_MS * 2 ** Math.min(attempts, 20))
}
