import type { FastifyBaseLogger } from 'fastify'
import fastq from 'fastq'
import type { AffitorAnswer, AffitorClient } from '../affitor/client.js'
import { isKeyTaken, outcomeBeforeSending, outcomeOf } from '../affitor/outcome.js'
import type { DeliveryOutcome, SaleSettings } from '../affitor/outcome.js'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database } from '../db/pool.js'
import { claimTrackingEvents, hasPending, postponeTrackingEvents, releaseRefused, releaseTrackingEvent, settleTrackingEvents } from '../ledger/delivery.js'
import type { AttemptRecord, ClaimedTrackingEvent, Postponement, Settlement } from '../ledger/delivery.js'
import { groupCommit } from '../group-commit.js'
import { logFactEnd } from '../observability/fact-end.js'
import type { Watcher } from '../observability/watcher.js'
import { offerProbe, pauseDelivery, resumeDelivery } from '../ledger/pauses.js'
import type { Reason } from '../ledger/reasons.js'
import { backoff } from './backoff.js'
import { throughOutages } from './outages.js'

export interface DeliverStepOptions {
  db: Database
  owner: string
  affitor: AffitorClient
  settings: SaleSettings
  /** Most calls at once. */
  concurrency: number
  /** Longest wait for one answer, in milliseconds. */
  timeoutMs: number
  retryBaseMs: number
  retryCapMs: number
  /** How long an event is retried before it needs attention, in seconds. */
  maxAgeSeconds: number
  /** Ends running calls when the time for a graceful stop is over. */
  signal: AbortSignal
  watcher: Watcher
  log: FastifyBaseLogger
}

/** A lease outlasts the longest call by far, so that it runs out only when its owner is gone, in seconds. */
const LEASE_MARGIN_SECONDS = 30

/** A `Retry-After` beyond this is not believed, in milliseconds. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000

/** Least time between two transactions that store answers, in milliseconds. */
const GAP_MS = 25

const LEASE_LOST = 'The lease of a tracking event ran out before its answer came'

/** A claimed event, and when its lease ends at the earliest, by `performance.now()`. */
interface InHand { event: ClaimedTrackingEvent, until: number }

interface Call { answer: AffitorAnswer, outcome: DeliveryOutcome, durationMs: number }

/** Sends tracking events to Affitor, one attempt each, and settles them by what came back. */
export function deliverStep (options: DeliverStepOptions) {
  const { db, owner, watcher, log } = options
  // One that waits for a call of the longest time, and then takes as long itself.
  const leaseSeconds = 2 * options.timeoutMs / 1000 + LEASE_MARGIN_SECONDS
  const grouping = { isOutage: isDatabaseUnavailable, mostItems: 200, atOnce: 1, gapMs: GAP_MS }
  const settleInGroup = groupCommit({
    ...grouping, store: settleTogether, onGroup: size => { watcher.stored('settlements', size) }
  })
  const postponeInGroup = groupCommit({
    ...grouping,
    store: (postponements: Postponement[]) => postponeTrackingEvents(db, owner, postponements),
    onGroup: size => { watcher.stored('postponements', size) }
  })
  const callInTurn = fastq.promise(callUnlessRecalled, options.concurrency)
  let recalls = 0

  /** @returns whether others may be due now */
  async function run ({ event, until }: InHand): Promise<boolean> {
    const patience = { until, signal: options.signal }
    const early = outcomeBeforeSending(event, options.settings)
    if (early?.action === 'settle') return await throughOutages(() => settleUnsent(event, early), patience)
    let call: Call | undefined
    try {
      call = await callInTurn.push({ event, until, recalls })
    } catch (error) {
      log.error({ err: error, trackingEvent: event.id }, 'A tracking event cannot be sent as it is')
      return await throughOutages(() => settleUnsent(event, { state: 'needs_attention', reason: 'malformed' }), patience)
    }
    // To ask Affitor again would not tell what this answer did: it is kept for as long as the lease.
    return await throughOutages(() => call === undefined ? giveBack(event) : settle(event, call), patience)
  }

  /** @returns undefined when no call was made */
  async function callUnlessRecalled ({ event, until, recalls: recallsBefore }: InHand & { recalls: number }): Promise<Call | undefined> {
    // A process that was stopped for long: others may have the event by now, and be done with it.
    if (recalls !== recallsBefore || performance.now() > until - options.timeoutMs) return undefined
    const startedAt = performance.now()
    const answer = await options.affitor.send(event, options.signal)
    const outcome = outcomeOf(event, answer)
    // Before the next one's turn: it would be refused as well.
    if (outcome.action === 'pause') recall()
    const durationMs = performance.now() - startedAt
    watcher.affitorAnswered(event.kind, answer.status, durationMs / 1000)
    return { answer, outcome, durationMs }
  }

  /** What was claimed and waits for its turn is given back instead. */
  function recall (): void {
    recalls++
  }

  async function giveBack ({ id }: ClaimedTrackingEvent): Promise<false> {
    await releaseTrackingEvent(db, owner, id)
    return false
  }

  async function settleTogether (settlements: Array<Settlement & { customerKey: string }>) {
    const settled = await settleTrackingEvents(db, owner, settlements)
    // After the commit, so that it also sees what was looked for in vain before it.
    const more = await hasPending(db, settlements.map(({ customerKey }) => customerKey)).catch(() => true)
    return settled.map(each => ({ settled: each, more }))
  }

  async function settleUnsent (event: ClaimedTrackingEvent, { state, reason }: Pick<Settlement, 'state' | 'reason'>): Promise<boolean> {
    const { id, customerKey, isProbe } = event
    const { settled, more } = await settleInGroup({ id, customerKey, state, reason })
    if (settled) logFactEnd(log, { ...event, state, reason })
    if (isProbe) await offerProbe(db)
    return more || isProbe
  }

  async function settle (event: ClaimedTrackingEvent, { answer, outcome, durationMs }: Call): Promise<boolean> {
    const attempt: AttemptRecord = { status: answer.status, error: answer.error, response: answer.data, durationMs }
    const entry = { trackingEvent: event.id, kind: event.kind, status: answer.status, attempt: event.attempts }

    if (outcome.action === 'pause') {
      log.error(entry, 'Affitor refuses the API key: all delivery is paused. Check AFFITOR_API_KEY.')
      await pauseDelivery(db, `Affitor answered ${answer.status}: ${answer.error ?? 'no message'}`, event.isProbe)
      await releaseRefused(db, owner, event.id, answer.error)
      return false
    }
    const more = await store(event, outcome, attempt, entry)
    if (event.isProbe) await endProbe(outcome, answer, entry)
    return more || event.isProbe
  }

  /** @returns whether others of its customer may be due now */
  async function store (event: ClaimedTrackingEvent, outcome: Exclude<DeliveryOutcome, { action: 'pause' }>, attempt: AttemptRecord, entry: object): Promise<boolean> {
    if (outcome.action === 'retry') {
      const delayMs = Math.max(Math.min(outcome.afterMs ?? 0, LONGEST_RETRY_AFTER_MS), backoff(event.attempts, options.retryBaseMs, options.retryCapMs))
      const state = await postponeInGroup({ id: event.id, delayMs, attempt })
      if (state === undefined) log.warn(entry, LEASE_LOST)
      else if (state === 'needs_attention') logFactEnd(log, { ...event, state, reason: 'retries_exhausted' satisfies Reason }, { status: attempt.status })
      else {
        watcher.retried('deliver')
        log.warn({ ...entry, delayMs }, 'A delivery failed and is retried')
      }
      return state !== 'pending'
    }
    const { settled, more } = await settleInGroup({ id: event.id, customerKey: event.customerKey, state: outcome.state, reason: outcome.reason, attempt })
    if (!settled) log.warn(entry, LEASE_LOST)
    else logFactEnd(log, { ...event, state: outcome.state, reason: outcome.reason }, { status: attempt.status })
    return more
  }

  async function endProbe (outcome: DeliveryOutcome, answer: AffitorAnswer, entry: object): Promise<void> {
    if (isKeyTaken(outcome, answer)) {
      await resumeDelivery(db)
      log.info(entry, 'Affitor takes the API key again: delivery goes on')
    } else if (answer.status === 401) {
      // It is refused whatever the key is, so it tells nothing.
      await offerProbe(db)
    }
  }

  return {
    // As many again as are being sent: a call that has ended is followed by the next one at once.
    concurrency: 2 * options.concurrency,
    batch: Math.ceil(options.concurrency / 2),
    async claim (limit: number, held: InHand[]): Promise<InHand[]> {
      const until = performance.now() + leaseSeconds * 1000
      const events = await claimTrackingEvents(db, {
        owner,
        limit,
        leaseSeconds,
        retrySeconds: options.maxAgeSeconds,
        held: held.map(({ event }) => event.id)
      })
      watcher.leasesTakenOver('deliver', events.filter(({ wasLeft }) => wasLeft).length)
      return events.map(event => ({ event, until }))
    },
    run,
    recall
  }
}
