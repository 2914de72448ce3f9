import type { Gauge, Registry } from 'prom-client'
import type { StripeEventState, TrackingKind, TrackingState } from '../../schemas/tracking.js'
import type { Database } from '../db/pool.js'
import { inTime } from '../in-time.js'
import { readBacklog } from '../ledger/backlog.js'
import type { Backlog } from '../ledger/backlog.js'
import { recentAnswer } from '../recent-answer.js'
import type { GroupName, Watcher } from './watcher.js'

/** What is read of the pool at each scrape. */
export interface PoolFigures {
  totalCount: number
  idleCount: number
  waitingCount: number
  options: { max: number }
}

/** The constructors of `prom-client`: an app that wants no metrics does not have it. */
type Client = Pick<typeof import('prom-client'), 'Counter' | 'Gauge' | 'Histogram'>

export interface MetricsOptions {
  client: Client
  registry: Registry
  db: Database
  pool: PoolFigures
}

/** Whoever scrapes waits for the database at most this long, in milliseconds: what this process counts is told all the same. */
const BACKLOG_LIMIT_MS = 3_000
/** Gauges of one scrape, and scrapes of one moment, share an answer of the database, for this time in milliseconds. */
const BACKLOG_LIFETIME_MS = 1_000

const KINDS: TrackingKind[] = ['lead', 'sale', 'refund']
const FACT_STATES: TrackingState[] = ['pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'skipped', 'resolved']
const EVENT_STATES: StripeEventState[] = ['received', 'interpreted', 'ignored', 'parked', 'failed', 'resolved']
const GROUPS: GroupName[] = ['inbox', 'reports', 'interpretations', 'settlements', 'postponements']

/** A transaction of the database's takes from 1 ms on, a question to Stripe up to 80 s. */
const INTERPRETATION_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Affitor's answers, up to the longest wait that is set as a rule. */
const DELIVERY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const GROUP_SIZES = [1, 2, 5, 10, 20, 50, 100, 200]

const OF_PROCESS = 'Of this process.'
const OF_DATABASE = 'Of the whole database, and the same from every process: take the greatest, not the sum.'

/** Registers all metrics. @returns what counts */
export function registerMetrics ({ client, registry, db, pool }: MetricsOptions): Watcher {
  const registers = [registry]
  const watcher = countHappenings(client, registers)
  showPool(client, registers, pool)
  showBacklog(client, registers, recentAnswer(BACKLOG_LIFETIME_MS, () => inTime(readBacklog(db), BACKLOG_LIMIT_MS).catch(() => undefined)))
  return watcher
}

function countHappenings ({ Counter, Histogram }: Client, registers: Registry[]): Watcher {
  const webhooks = new Counter({
    registers,
    name: 'affitor_webhook_requests_total',
    help: `Requests to Stripe's webhook, by the status of the answer. 400: a wrong signing secret, or not Stripe; 5xx: Stripe sends again. ${OF_PROCESS}`,
    labelNames: ['status']
  })
  const arrivals = new Counter({
    registers,
    name: 'affitor_stripe_events_received_total',
    help: 'Verified Stripe events, by whether they were stored now, known before, or of a type that is not needed. ' +
      `None for long, while there are sales: look at the endpoint at Stripe. ${OF_PROCESS}`,
    labelNames: ['outcome']
  })
  const readings = new Histogram({
    registers,
    name: 'affitor_interpretation_duration_seconds',
    help: `Time from taking a Stripe event in hand until what it means was stored, by what became of it. Slow: Stripe, or the database, answers slowly. ${OF_PROCESS}`,
    labelNames: ['outcome'],
    buckets: INTERPRETATION_SECONDS
  })
  const deliveries = new Histogram({
    registers,
    name: 'affitor_delivery_duration_seconds',
    help: `Time of one call to Affitor, with or without an answer. Near the time-out: Affitor, or the way there, is slow. ${OF_PROCESS}`,
    labelNames: ['kind'],
    buckets: DELIVERY_SECONDS
  })
  const answers = new Counter({
    registers,
    name: 'affitor_answers_total',
    help: `Affitor's answers, by HTTP status; "none" when no whole answer came. 401: the API key is refused; 4xx: facts are; 5xx and none are sent again. ${OF_PROCESS}`,
    labelNames: ['kind', 'status']
  })
  const retries = new Counter({
    registers,
    name: 'affitor_retries_total',
    help: `Attempts that failed and are made again later: readings of Stripe events, and calls to Affitor. Many: see the answers, or Stripe's status. ${OF_PROCESS}`,
    labelNames: ['step']
  })
  const takeovers = new Counter({
    registers,
    name: 'affitor_leases_taken_over_total',
    help: `Stripe events and facts that a process had in hand which died or fell silent, taken over by this one. More than a few: find out why processes die. ${OF_PROCESS}`,
    labelNames: ['step']
  })
  const groups = new Histogram({
    registers,
    name: 'affitor_group_size',
    help: `Items that shared a transaction. Near its bound (200; reports 50, interpretations 64): the database is what limits. ${OF_PROCESS}`,
    labelNames: ['group'],
    buckets: GROUP_SIZES
  })
  // From the start: a rate is known of what was 0 before.
  for (const step of ['interpret', 'deliver']) {
    retries.inc({ step }, 0)
    takeovers.inc({ step }, 0)
  }
  for (const outcome of ['stored', 'known', 'not_needed']) arrivals.inc({ outcome }, 0)
  for (const outcome of ['interpreted', 'ignored', 'parked', 'failed', 'postponed']) readings.zero({ outcome })
  for (const group of GROUPS) groups.zero({ group })
  webhooks.inc({ status: '200' }, 0)
  for (const kind of KINDS) {
    deliveries.zero({ kind })
    answers.inc({ kind, status: '200' }, 0)
  }

  return {
    webhookAnswered (status) { webhooks.inc({ status: String(status) }) },
    stripeEventArrived (outcome) { arrivals.inc({ outcome }) },
    stripeEventRead (outcome, seconds) { readings.observe({ outcome }, seconds) },
    affitorAnswered (kind, status, seconds) {
      deliveries.observe({ kind }, seconds)
      answers.inc({ kind, status: status === 0 ? 'none' : String(status) })
    },
    retried (step) { retries.inc({ step }) },
    leasesTakenOver (step, count) { takeovers.inc({ step }, count) },
    stored (group, size) { groups.observe({ group }, size) }
  }
}

function showPool ({ Gauge }: Client, registers: Registry[], pool: PoolFigures): void {
  void new Gauge({
    registers,
    name: 'affitor_pool_connections',
    help: `Database connections of this process's pool, used or idle. ${OF_PROCESS}`,
    labelNames: ['state'],
    collect () {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
    }
  })
  void new Gauge({
    registers,
    name: 'affitor_pool_size',
    help: `Most connections that the pool opens (DATABASE_POOL_SIZE). ${OF_PROCESS}`,
    collect () { this.set(pool.options.max) }
  })
  void new Gauge({
    registers,
    name: 'affitor_pool_waiting',
    help: `What waits for a connection. Above 0 for long: the pool is too small, or the database slow. ${OF_PROCESS}`,
    collect () { this.set(pool.waitingCount) }
  })
}

/** A scrape without the database lacks these, and says so: it must not fail, as the app's own metrics may be in it. */
function showBacklog ({ Gauge }: Client, registers: Registry[], read: () => Promise<Backlog | undefined>): void {
  function gauge<Label extends string> (name: string, help: string, labelNames: Label[], show: (gauge: Gauge<Label>, backlog: Backlog) => void): void {
    void new Gauge<Label>({
      registers,
      name,
      help: `${help} ${OF_DATABASE}`,
      labelNames,
      async collect () {
        const backlog = await read()
        this.reset()
        if (backlog !== undefined) show(this, backlog)
        // Of a metric without labels, a reset leaves a 0.
        else if (labelNames.length === 0) this.remove()
      }
    })
  }

  void new Gauge({
    registers,
    name: 'affitor_database_up',
    help: `Whether the database told this scrape what waits: 1, or 0. At 0 the metrics of the whole database are absent. ${OF_PROCESS}`,
    async collect () { this.set(await read() === undefined ? 0 : 1) }
  })
  gauge('affitor_stripe_events', 'Stripe events in the inbox, by state. Many received: interpretation is behind, or no worker runs; failed: read them again on the operator page.', ['state'], (gauge, { stripeEvents }) => {
    for (const state of EVENT_STATES) gauge.set({ state }, stripeEvents.find(each => each.state === state)?.count ?? 0)
  })
  gauge('affitor_facts', 'Facts in the outbox, by kind and state. Many pending: delivery is behind, paused, or Affitor is away.', ['kind', 'state'], (gauge, { facts }) => {
    for (const kind of KINDS) {
      for (const state of FACT_STATES) gauge.set({ kind, state }, facts.find(each => each.kind === kind && each.state === state)?.count ?? 0)
    }
  })
  gauge('affitor_stripe_events_oldest_age_seconds', 'Age of the oldest Stripe event in a state that waits; 0 when there is none. received: seconds, as a rule; parked waits for its sale, for days if need be; failed waits for a person.', ['state'], (gauge, backlog) => {
    gauge.set({ state: 'received' }, backlog.oldestReceived ?? 0)
    gauge.set({ state: 'parked' }, backlog.oldestParked ?? 0)
    gauge.set({ state: 'failed' }, oldestAttention(backlog, 'stripe_event'))
  })
  gauge('affitor_facts_oldest_age_seconds', 'Age of the oldest fact in a state that waits; 0 when there is none. pending: seconds, as a rule; needs_attention waits for a person.', ['state'], (gauge, backlog) => {
    gauge.set({ state: 'pending' }, backlog.oldestPending ?? 0)
    gauge.set({ state: 'needs_attention' }, oldestAttention(backlog, 'fact'))
  })
  gauge('affitor_attention', 'What waits for a person, by reason: docs/reasons.md has what to do about each.', ['subject', 'reason'], (gauge, { attention }) => {
    for (const { kind, reason, count } of attention) gauge.set({ subject: kind, reason: reason ?? 'unknown' }, count)
  })
  gauge('affitor_delivery_paused', 'Whether all delivery waits, as Affitor refuses the API key: 1, or 0. At 1: set the right AFFITOR_API_KEY.', [], (gauge, { isPaused }) => { gauge.set(isPaused ? 1 : 0) })
  gauge('affitor_workers', 'Processes that run workers and live. 0: nothing is read or sent. Behind a pooler without DATABASE_DIRECT_URL none is counted.', [], (gauge, { workers }) => { gauge.set(workers) })
}

function oldestAttention ({ attention }: Backlog, kind: Backlog['attention'][number]['kind']): number {
  return Math.max(0, ...attention.filter(each => each.kind === kind).map(({ age }) => age))
}
