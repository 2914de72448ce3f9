import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import fastq from 'fastq'
import type Stripe from 'stripe'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database, Transaction } from '../db/pool.js'
import { announce, applyCorrections, insertCustomerReferences, insertFacts, insertSaleReferences, wakeWaiting } from '../ledger/facts.js'
import { groupCommit } from '../group-commit.js'
import { logFactEnd } from '../observability/fact-end.js'
import type { FactEnd } from '../observability/fact-end.js'
import type { ReadingEnd, Watcher } from '../observability/watcher.js'
import { customerOfLead } from '../ledger/leads.js'
import { redactOfForgotten } from '../ledger/personal-data.js'
import { lockStripeObjects, tryLockCustomers } from '../ledger/locks.js'
import { ledgerLookups } from '../ledger/lookups.js'
import { claimStripeEvents, postponeStripeEvent, returnStripeEvent, settleStripeEvents } from '../ledger/stripe-events.js'
import type { ClaimedStripeEvent, StripeEventResult } from '../ledger/stripe-events.js'
import { isStripeError } from '../stripe-error.js'
import { KnownAnswers, KnownPrices, LookupNeeded } from '../stripe/lookups.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { inSpan, processing } from '../tracing.js'
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
  watcher: Watcher
  log: FastifyBaseLogger
  /** Ends waiting for the database when the time for a graceful stop is over. */
  signal: AbortSignal
  /** Told when facts were added to the ledger. */
  onFacts (): void
}

/** Most events in work at once, and so most that share a transaction: each holds some locks of PostgreSQL's. */
const CONCURRENCY = 64
/** Least number of free places for which events are looked for, so that many share what that takes. */
const BATCH = 16
/** Most questions to Stripe at once. */
const STRIPE_CONCURRENCY = 4
const LEASE_SECONDS = 60
/** Doubles without jitter: a parked event asks nobody, and Stripe gets few questions at once. */
const RETRY_BASE_MS = 4_000
const RETRY_CAP_MS = 600_000
const PARK_CAP_MS = 3_600_000
/** How often an event is read again at once whose customer another transaction holds, and the first wait before it, which doubles, in milliseconds. */
const BUSY_TRIES = 4
const BUSY_WAIT_MS = 10
/** When it is read again after that, in milliseconds: an app's own transaction is open for long. */
const BUSY_RETURN_MS = 500
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

/**
 * What became of a reading: an answer of Stripe is needed; it is to be read again, with more locks; facts of its customer
 * are just being added by another transaction; or it is done.
 */
type ReadingResult = LookupNeeded | 'again' | 'busy' | Done

interface Done {
  end: ReadingEnd
  /** Facts were added to the ledger. */
  added: boolean
  /** Other events may have become due by what was learned. */
  wokeOthers: boolean
  /** Facts that are not to be sent, or were corrected. */
  ended: FactEnd[]
}

const nothingDone: Done = { end: 'postponed', added: false, wokeOthers: false, ended: [] }

/** Turns stored Stripe events into facts of the ledger. */
export function interpretStep (options: InterpretStepOptions) {
  const { db, owner, watcher, log } = options
  const prices = new KnownPrices()
  const askStripe = fastq.promise(async ({ answers, question }: { answers: KnownAnswers, question: Question }) => { await answers.fetch(question) }, STRIPE_CONCURRENCY)
  const interpretInGroup = groupCommit({
    store: (readings: Reading[]) => db.transaction(tx => interpretTogether(tx, readings)),
    isOutage: isDatabaseUnavailable,
    mostItems: CONCURRENCY,
    atOnce: 2,
    onGroup: size => { watcher.stored('interpretations', size) }
  })

  /** @returns whether others may be due now */
  async function run (claimed: ClaimedStripeEvent): Promise<boolean> {
    const startedAt = performance.now()
    const { end, added, wokeOthers, ended } = await inSpan(processing('stripe_events', claimed.traceparent, {
      'messaging.message.id': claimed.id, 'affitor.attempt': claimed.attempts
    }), async span => {
      // Its facts go on with this span.
      const done = await read({ ...claimed, traceparent: span.traceparent ?? claimed.traceparent })
      span.set({ 'affitor.outcome': done.end })
      if (done.end === 'failed') span.fail('interpretation_failed')
      return done
    })
    watcher.stripeEventRead(end, (performance.now() - startedAt) / 1000)
    if (end === 'postponed') watcher.retried('interpret')
    // What it means is committed: before that, it might be read once more.
    for (const fact of ended) logFactEnd(log, fact)
    if (added) options.onFacts()
    return wokeOthers
  }

  async function read (claimed: ClaimedStripeEvent): Promise<Done> {
    const patience = { until: performance.now() + LEASE_SECONDS * 1000, signal: options.signal }
    try {
      return await throughOutages(() => interpretWithLookups(claimed), patience)
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error
      return { ...nothingDone, end: await throughOutages(() => handleFailure(claimed, error), patience) }
    }
  }

  /** Asks Stripe between transactions, never within one. */
  async function interpretWithLookups (claimed: ClaimedStripeEvent): Promise<Done> {
    const event = JSON.parse(claimed.payload) as Stripe.Event
    const answers = new KnownAnswers(options.stripe(event.account), prices, event.account)
    await Promise.all(questionsOf(event, options.settings).map(question => askStripe.push({ answers, question })))
    const reading = { claimed, event, objects: objectsOf(event), answers }
    for (let asked = 0, busy = 0; ;) {
      const outcome = await interpretInGroup(reading)
      if (outcome === 'again') continue
      if (outcome === 'busy') {
        if (busy === BUSY_TRIES || options.signal.aborted) {
          await returnStripeEvent(db, owner, claimed.id, BUSY_RETURN_MS)
          return nothingDone
        }
        await delay(BUSY_WAIT_MS * 2 ** busy++)
        continue
      }
      if (!(outcome instanceof LookupNeeded)) return outcome
      if (asked++ >= MAX_LOOKUPS) throw outcome
      await askStripe.push({ answers, question: outcome })
    }
  }

  /** Those of one round know nothing of each other, as though each had a transaction of its own. */
  async function interpretTogether (tx: Transaction, readings: Reading[]): Promise<ReadingResult[]> {
    await lockStripeObjects(tx, readings.flatMap(({ objects }) => objects))
    const outcomes = new Map<ClaimedStripeEvent, ReadingResult>()
    for (const round of inRounds(readings, ({ objects }) => objects)) {
      const read: Read[] = []
      for (const [reading, interpretation] of await interpretAll(tx, round)) {
        if (interpretation instanceof LookupNeeded) outcomes.set(reading.claimed, interpretation)
        else if (lockAwaited(reading, interpretation)) outcomes.set(reading.claimed, 'again')
        else read.push({ ...reading, interpretation })
      }
      const { free, others } = await holdCustomers(tx, read)
      for (const [claimed, outcome] of others) outcomes.set(claimed, outcome)
      const { wokeOthers, ended } = await record(tx, free)
      for (const [i, one] of free.entries()) {
        outcomes.set(one.claimed, {
          end: resultOf(one).state, added: one.interpretation.facts.length > 0, wokeOthers, ended: i === 0 ? ended : []
        })
      }
    }
    return readings.map(({ claimed }) => outcomes.get(claimed) as ReadingResult)
  }

  /**
   * Keeps others from adding facts of the customers that these events are about, or of whom they lack the lead. One that
   * lacks a lead is read once more then: the lead may have been committed since, by a transaction that could not see yet
   * that somebody waits for it.
   * @returns the events that can be recorded, and what became of the others
   */
  async function holdCustomers (tx: Transaction, read: Read[]): Promise<{ free: Read[], others: Array<[ClaimedStripeEvent, ReadingResult]> }> {
    const held = await tryLockCustomers(tx, read.flatMap(({ interpretation }) => customersOf(interpretation)))
    const isHeld = (interpretation: Interpretation) => customersOf(interpretation).every(customerKey => held.has(customerKey))
    const readAgain = new Map<Reading, Interpretation | LookupNeeded>(
      await interpretAll(tx, read.filter(({ interpretation }) => isHeld(interpretation) && lacksLead(interpretation))))
    const free: Read[] = []
    const others: Array<[ClaimedStripeEvent, ReadingResult]> = []
    for (const reading of read) {
      const interpretation = readAgain.get(reading) ?? reading.interpretation
      if (interpretation instanceof LookupNeeded) others.push([reading.claimed, interpretation])
      else if (isHeld(interpretation)) free.push({ ...reading, interpretation })
      else others.push([reading.claimed, 'busy'])
    }
    return { free, others }
  }

  /**
   * Before an event is given up, what it waited for is locked, and it is read once more: else the sale could be recorded
   * at this very moment, by a transaction that cannot see yet that somebody waits for it.
   * @returns whether there was something to lock
   */
  function lockAwaited (reading: Reading, interpretation: Interpretation): boolean {
    if (resultOf({ ...reading, interpretation }).state !== 'ignored') return false
    const awaited = (interpretation.waitingFor ?? []).filter(id => customerOfLead(id) === undefined && !reading.objects.includes(id))
    reading.objects.push(...awaited)
    return awaited.length > 0
  }

  /** Reads them at the same time, so that what they ask of the ledger shares statements. */
  async function interpretAll<Each extends Reading> (tx: Transaction, readings: Each[]): Promise<Array<[Each, Interpretation | LookupNeeded]>> {
    const ledger = ledgerLookups(tx)
    const results = await Promise.allSettled(readings.map(({ event, answers }) =>
      interpret(event, { ledger, stripe: answers.lookups(), settings: options.settings })))
    // Not before all have ended: the transaction must not end under one that still asks.
    return results.map((result, i) => {
      if (result.status === 'fulfilled') return [readings[i] as Each, result.value]
      if (result.reason instanceof LookupNeeded) return [readings[i] as Each, result.reason]
      throw result.reason
    })
  }

  /** @returns whether others may have become due, and the facts that have ended */
  async function record (tx: Transaction, read: Read[]): Promise<Pick<Done, 'wokeOthers' | 'ended'>> {
    if (read.length === 0) return nothingDone
    const facts = read.flatMap(({ claimed, interpretation }) => interpretation.facts.map(fact => ({ ...fact, source: claimed.id, traceparent: claimed.traceparent })))
    const saleReferences = read.flatMap(({ interpretation }) => interpretation.saleReferences)
    const unsent = await insertFacts(tx, facts)
    await insertSaleReferences(tx, saleReferences)
    const customers = await insertCustomerReferences(tx, read.flatMap(({ interpretation }) => interpretation.customerReferences))
    const corrected = await applyCorrections(tx, read.flatMap(({ interpretation }) => interpretation.corrections))
    const learned = [...saleReferences.map(({ reference }) => reference), ...customers, ...corrected.map(({ transactionId }) => transactionId)]
    await announce(tx, learned)
    const settled = await settleStripeEvents(tx, owner, read.map(resultOf))
    if (!settled) tx.rollback()
    await redactOfForgotten(tx, read.map(({ claimed: { id }, objects, interpretation }) => ({ id, objects, customerKey: interpretation.customerKey })))
    return { wokeOthers: facts.length + learned.length > 0, ended: [...unsent, ...corrected] }
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

  async function handleFailure (claimed: ClaimedStripeEvent, error: unknown): Promise<'postponed' | 'failed'> {
    const message = error instanceof Error ? error.message : String(error)
    if (isStripeError(error)) {
      log.warn({ stripeEvent: claimed.id, stripeError: error.type }, 'Stripe could not be asked about an event; trying again later')
      await postponeStripeEvent(db, owner, claimed.id, backoffWithoutJitter(claimed.attempts, RETRY_BASE_MS, RETRY_CAP_MS), message)
      return 'postponed'
    }
    log.error({ err: error, stripeEvent: claimed.id }, 'A Stripe event could not be interpreted')
    await db.transaction(async tx => {
      await settleStripeEvents(tx, owner, [{ id: claimed.id, state: 'failed', reason: 'interpretation_failed', error: message }])
      await redactOfForgotten(tx, [{ id: claimed.id, customerKey: undefined, objects: objectsIn(claimed.payload) }])
    })
    return 'failed'
  }

  return {
    concurrency: CONCURRENCY,
    batch: BATCH,
    async claim (limit: number, held: ClaimedStripeEvent[]) {
      await wakeWaiting(db)
      const claimed = await claimStripeEvents(db, owner, limit, LEASE_SECONDS, held.map(event => event.id))
      watcher.leasesTakenOver('interpret', claimed.filter(({ wasLeft }) => wasLeft).length)
      return claimed
    },
    run
  }
}

/** The customers that an interpretation adds facts of, or lacks the lead of. */
function customersOf ({ facts, waitingFor = [] }: Interpretation): string[] {
  return [...facts.map(({ customerKey }) => customerKey), ...waitingFor.flatMap(reference => customerOfLead(reference) ?? [])]
}

/** As far as they can be read. */
function objectsIn (payload: string): string[] {
  try {
    return objectsOf(JSON.parse(payload) as Stripe.Event)
  } catch {
    return []
  }
}

function lacksLead ({ waitingFor = [] }: Interpretation): boolean {
  return waitingFor.some(reference => customerOfLead(reference) !== undefined)
}
