import type { FastifyBaseLogger } from 'fastify'
import fastq from 'fastq'
import Stripe from 'stripe'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database, Transaction } from '../db/pool.js'
import { applyCorrections, insertCustomerReferences, insertFacts, insertSaleReferences, wakeWaiting } from '../ledger/facts.js'
import { groupCommit } from '../group-commit.js'
import { lock } from '../ledger/locks.js'
import { ledgerLookups } from '../ledger/lookups.js'
import { claimStripeEvents, postponeStripeEvent, settleStripeEvents } from '../ledger/stripe-events.js'
import type { ClaimedStripeEvent, StripeEventResult } from '../ledger/stripe-events.js'
import { KnownAnswers, LookupNeeded } from '../stripe/lookups.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { interpret, objectsOf, questionsOf } from '../stripe/interpret/index.js'
import type { Interpretation, InterpretSettings, Question } from '../stripe/interpret/interpretation.js'
import { backoffWithoutJitter } from './backoff.js'
import { throughOutages } from './outages.js'
import { inRounds } from './rounds.js'

export interface InterpretStepOptions {
  db: Database
  owner: string
  /** @param account the connected account that is asked; absent: our own */
  stripe: (account?: string) => StripeLookups
  settings: InterpretSettings
  /** How long a parked event waits for its sale, in seconds. */
  maxAgeSeconds: number
  log: FastifyBaseLogger
  /** Ends waiting for the database when the time for a graceful stop is over. */
  signal: AbortSignal
  /** Told when facts were added to the ledger. */
  onFacts (): void
}

/** Most events in work at once, and so most that share a transaction: each holds some locks of PostgreSQL's. */
const CONCURRENCY = 32
/** Most questions to Stripe at once. */
const STRIPE_CONCURRENCY = 4
const LEASE_SECONDS = 60
/** Doubles without jitter: a parked event asks nobody, and Stripe gets few questions at once. */
const RETRY_BASE_MS = 4_000
const RETRY_CAP_MS = 600_000
const PARK_CAP_MS = 3_600_000
/** No interpreter asks Stripe more than this for one event. */
const MAX_LOOKUPS = 10

/** A claimed event that is being read. */
interface Reading {
  claimed: ClaimedStripeEvent
  event: Stripe.Event
  /** The Stripe objects that it is about. */
  objects: string[]
  /** What Stripe was asked for it and answered. */
  answers: KnownAnswers
}

type Read = Reading & { interpretation: Interpretation }

/** What became of a reading: an answer of Stripe is needed; it is to be read again, with more locks; or it is done. */
type ReadingResult = LookupNeeded | 'again' | Done

interface Done {
  /** Facts were added to the ledger. */
  added: boolean
  /** Other events became due by what was learned. */
  wokeOthers: boolean
}

/** Turns stored Stripe events into facts of the ledger. */
export function interpretStep (options: InterpretStepOptions) {
  const { db, owner, log } = options
  const askStripe = fastq.promise(async ({ answers, question }: { answers: KnownAnswers, question: Question }) => { await answers.fetch(question) }, STRIPE_CONCURRENCY)
  const interpretInGroup = groupCommit({
    store: (readings: Reading[]) => db.transaction(tx => interpretTogether(tx, readings)),
    isOutage: isDatabaseUnavailable,
    mostItems: CONCURRENCY,
    atOnce: 2
  })

  /** @returns whether others may be due now */
  async function run (claimed: ClaimedStripeEvent): Promise<boolean> {
    const patience = { until: performance.now() + LEASE_SECONDS * 1000, signal: options.signal }
    try {
      const { added, wokeOthers } = await throughOutages(() => interpretWithLookups(claimed), patience)
      if (added) options.onFacts()
      return wokeOthers
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error
      await throughOutages(() => handleFailure(claimed, error), patience)
      return false
    }
  }

  /** Asks Stripe between transactions, never within one. */
  async function interpretWithLookups (claimed: ClaimedStripeEvent): Promise<Done> {
    const event = JSON.parse(claimed.payload) as Stripe.Event
    const answers = new KnownAnswers(options.stripe(event.account))
    await Promise.all(questionsOf(event, options.settings).map(question => askStripe.push({ answers, question })))
    const reading = { claimed, event, objects: objectsOf(event), answers }
    for (let asked = 0; ; asked++) {
      const outcome = await interpretInGroup(reading)
      if (outcome === 'again') continue
      if (!(outcome instanceof LookupNeeded)) return outcome
      if (asked >= MAX_LOOKUPS) throw outcome
      await askStripe.push({ answers, question: outcome })
    }
  }

  /** Those of one round know nothing of each other, as though each had a transaction of its own. */
  async function interpretTogether (tx: Transaction, readings: Reading[]): Promise<ReadingResult[]> {
    await lock(tx, 'stripe', readings.flatMap(({ objects }) => objects))
    const outcomes = new Map<ClaimedStripeEvent, ReadingResult>()
    for (const round of inRounds(readings, ({ objects }) => objects)) {
      const read: Read[] = []
      for (const reading of round) {
        const interpretation = await interpretOne(tx, reading)
        if (interpretation instanceof LookupNeeded) outcomes.set(reading.claimed, interpretation)
        else if (lockAwaited(reading, interpretation)) outcomes.set(reading.claimed, 'again')
        else read.push({ ...reading, interpretation })
      }
      const wokeOthers = await record(tx, read) > 0
      for (const { claimed, interpretation } of read) outcomes.set(claimed, { added: interpretation.facts.length > 0, wokeOthers })
    }
    return readings.map(({ claimed }) => outcomes.get(claimed) as ReadingResult)
  }

  /**
   * Before an event is given up, what it waited for is locked, and it is read once more: else the sale could be recorded
   * at this very moment, by a transaction that cannot see yet that somebody waits for it.
   * @returns whether there was something to lock
   */
  function lockAwaited (reading: Reading, interpretation: Interpretation): boolean {
    if (resultOf({ ...reading, interpretation }).state !== 'ignored') return false
    const awaited = (interpretation.waitingFor ?? []).filter(id => !reading.objects.includes(id))
    reading.objects.push(...awaited)
    return awaited.length > 0
  }

  async function interpretOne (tx: Transaction, { event, answers }: Reading): Promise<Interpretation | LookupNeeded> {
    try {
      return await interpret(event, { ledger: ledgerLookups(tx), stripe: answers.lookups(), settings: options.settings })
    } catch (error) {
      if (error instanceof LookupNeeded) return error
      throw error
    }
  }

  /** @returns how many other events became due */
  async function record (tx: Transaction, read: Read[]): Promise<number> {
    if (read.length === 0) return 0
    const facts = read.flatMap(({ claimed, interpretation }) => interpretation.facts.map(fact => ({ ...fact, source: claimed.id })))
    const saleReferences = read.flatMap(({ interpretation }) => interpretation.saleReferences)
    await insertFacts(tx, facts)
    await insertSaleReferences(tx, saleReferences)
    const customers = await insertCustomerReferences(tx, read.flatMap(({ interpretation }) => interpretation.customerReferences))
    const corrected = await applyCorrections(tx, read.flatMap(({ interpretation }) => interpretation.corrections))
    const woken = await wakeWaiting(tx, [
      ...facts.filter(({ kind }) => kind === 'sale').map(({ transactionId }) => transactionId),
      ...saleReferences.map(({ reference }) => reference),
      ...customers,
      ...corrected
    ])
    const settled = await settleStripeEvents(tx, owner, read.map(resultOf))
    if (!settled) tx.rollback()
    return woken
  }

  function resultOf ({ claimed: { id, attempts, parkedSeconds }, interpretation }: Read): StripeEventResult {
    const { state, reason, waitingFor, customerKey } = interpretation
    if (state === 'parked' && parkedSeconds > options.maxAgeSeconds) return { id, state: 'ignored', reason: 'sale_not_found', waitingFor }
    return {
      id,
      state,
      ...(reason && { reason }),
      ...(waitingFor !== undefined && waitingFor.length > 0 && { waitingFor }),
      ...(customerKey && { customerKey }),
      ...(state === 'parked' && { retryInMs: backoffWithoutJitter(attempts, RETRY_BASE_MS, PARK_CAP_MS) })
    }
  }

  async function handleFailure (claimed: ClaimedStripeEvent, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof Stripe.errors.StripeError) {
      log.warn({ stripeEvent: claimed.id, stripeError: error.type }, 'Stripe could not be asked about an event; trying again later')
      await postponeStripeEvent(db, owner, claimed.id, backoffWithoutJitter(claimed.attempts, RETRY_BASE_MS, RETRY_CAP_MS), message)
      return
    }
    log.error({ err: error, stripeEvent: claimed.id }, 'A Stripe event could not be interpreted')
    await settleStripeEvents(db, owner, [{ id: claimed.id, state: 'failed', reason: 'interpretation_failed', error: message }])
  }

  return {
    concurrency: CONCURRENCY,
    claim: (limit: number, held: ClaimedStripeEvent[]) =>
      claimStripeEvents(db, owner, limit, LEASE_SECONDS, held.map(event => event.id)),
    run
  }
}
