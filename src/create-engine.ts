import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'
import { pino } from 'pino'
import type Stripe from 'stripe'
import type { ProgramStatus } from '../schemas/reports.js'
import type { Affitor, TrackOptions, TrackResult } from './affitor.js'
import { createAffitorClient } from './affitor/client.js'
import { programStatusReader } from './affitor/program-status.js'
import { attributionMetadata, clickId, withAttribution } from './attribution.js'
import type { Installation } from './checks/index.js'
import { checkMigrations, migrate } from './db/migrate.js'
import { createNotifier } from './db/notifications.js'
import type { Notifier } from './db/notifications.js'
import { connectionOf, databaseOn, openDatabase } from './db/pool.js'
import type { Database } from './db/pool.js'
import { ApiError } from './errors.js'
import { checked, leadOf, refundOf, saleOf, store } from './facts.js'
import { openInbox } from './ledger/inbox.js'
import { keepPurpose } from './ledger/installation.js'
import { deliveryStatus } from './ledger/pauses.js'
import { openReports } from './ledger/report-facts.js'
import type { ToldFact } from './ledger/report-facts.js'
import { findCustomerStory } from './ledger/story.js'
import { withSafeErrors } from './log-errors.js'
import { openMetrics } from './observability/open-metrics.js'
import type { Watcher } from './observability/watcher.js'
import type { AffitorOptions } from './options.js'
import { presentStory } from './routes/tracking/presenters.js'
import { AFFITOR_API, readOptions } from './settings.js'
import type { Settings } from './settings.js'
import { NEEDED_EVENT_TYPES } from './stripe/interpret/index.js'
import { stripeLookups } from './stripe/lookups.js'
import { checkSnapshot } from './stripe/verify-event.js'
import { acceptance, inSpan, loadTracing } from './tracing.js'
import { createWorkers } from './workers/index.js'

/** Most connections of a pool that is opened here. */
const POOL_SIZE = 10

/** Most transactions of an app are committed this long after they told a fact, in milliseconds. */
const COMMIT_MS = 100

/** What the plugin mounts its routes on, beside what an app sees. */
export interface Engine {
  affitor: Affitor
  settings: Settings
  db: Database
  notifier: Notifier
  watcher: Watcher
  /** Resolves once the metrics are registered. @throws with a sentence when they cannot be */
  metricsReady (): Promise<void>
  /**
   * Stores a verified event of a type that is needed, and resolves when it is committed.
   * @param payload its JSON, as it was signed
   * @returns whether it was stored now
   */
  receive (event: Stripe.Event, payload: string): Promise<boolean>
  readProgramStatus (): Promise<ProgramStatus>
  /** The payment intent of a charge, as Stripe says; undefined when it has none, or there is no such charge. @throws {ApiError} when Stripe cannot be asked */
  paymentOfCharge (id: string): Promise<string | undefined>
  /** What the checks are about. @param webhook where Stripe's events come in */
  installation (webhook: Pick<Installation['stripe'], 'webhookUrl' | 'webhookSecrets'>): Installation
  /** Addresses of the dashboards of what is called; null for a stand-in. */
  dashboards: { stripe: string | null, affitor: string | null }
  /** What a start does: migrations as the options say, then the workers. @throws with a sentence when the database cannot be used */
  start (): Promise<void>
}

/** @throws {TypeError} with one sentence when an option is missing or contradicts another */
export function createEngine (options: AffitorOptions): Engine {
  const settings = readOptions(options)
  const log = withSafeErrors(options.logger ?? pino({ level: 'silent' }))
  const { pool, db, close: closeDatabase } = openPool(settings.database, log)
  const { stripe, directDatabase } = settings
  const notifier = createNotifier(pool)
  const { watcher, ready: metricsReady, close: closeMetrics } = openMetrics(settings.metricsRegistry, { db, pool })
  metricsReady().catch((error: unknown) => { log.error({ err: error }, 'Nothing is counted: the metrics could not be registered') })
  const inbox = openInbox(db, size => { watcher.stored('inbox', size) })
  const account = { apiKey: settings.affitor.apiKey, apiUrl: settings.affitor.apiUrl }
  const { programId, livemode } = settings.interpret
  const purpose = keepPurpose({ mode: 'live', affitorProgramId: programId, stripeLivemode: livemode }, {
    elsewhere: 'Use another database, or set livemode as it was.',
    changeProgram: found => `Set affitor.programId to ${found} again, or use another database.`
  })
  const workers = createWorkers({
    db,
    notifier,
    connection: directDatabase === undefined ? connectionOf(pool) : { connectionString: directDatabase },
    affitor: createAffitorClient({ ...account, timeoutMs: settings.delivery.timeoutMs, testMode: settings.affitor.testMode }),
    stripe: connectedAccount => stripeLookups(needed(stripe), connectedAccount),
    settings: settings.interpret,
    delivery: settings.delivery,
    retentionDays: settings.retentionDays,
    alerts: settings.alerts,
    watcher,
    log
  })

  // A start awaits it; who uses the engine alone has it a moment later.
  void loadTracing()
  const report = openReports(db, notifier, size => { watcher.stored('reports', size) })

  /** Stores a fact, and tells the workers, also of the Stripe events that waited for it. */
  async function track (fact: ToldFact, { db: transaction }: TrackOptions = {}): Promise<TrackResult> {
    if (transaction === undefined) {
      const { event: { id, state }, created } = await report(fact)
      return { id, state, created }
    }
    const result = await inSpan(acceptance('tracking_events', { 'affitor.fact.kind': fact.kind }),
      ({ traceparent }) => store({ ...fact, traceparent }, transaction))
    // The end of the app's transaction is not seen from here. One that takes longer is found by looking.
    setTimeout(() => {
      notifier.notify('tracking_events')
      notifier.notify('stripe_events')
    }, COMMIT_MS).unref()
    return result
  }

  async function receive (event: Stripe.Event, payload: string): Promise<boolean> {
    if (!NEEDED_EVENT_TYPES.has(event.type)) {
      watcher.stripeEventArrived('not_needed')
      return false
    }
    const isNew = await inSpan(acceptance('stripe_events', { 'messaging.message.id': event.id, 'affitor.stripe_event.type': event.type }),
      ({ traceparent }) => inbox.store(event, payload, traceparent))
    watcher.stripeEventArrived(isNew ? 'stored' : 'known')
    notifier.notify('stripe_events')
    return isNew
  }

  const affitor: Affitor = {
    // Not async: what is wrong with the input is thrown at once, as @affitor/sdk does.
    trackLead: (input, trackOptions) => track(leadOf(input), checked(trackOptions)),
    trackSale: (input, trackOptions) => track(saleOf(input), checked(trackOptions)),
    trackRefund: (input, trackOptions) => track(refundOf(input), checked(trackOptions)),
    clickId,
    withAttribution: (params, customer) => withAttribution(params, attributionMetadata(programId, customer)),
    attributionMetadata: customer => attributionMetadata(programId, customer),
    receiveStripeEvent (event) {
      needed(stripe)
      return receive(checkSnapshot(event), JSON.stringify(event))
    },
    async customerStory (customerKey) {
      const story = await findCustomerStory(db, customerKey)
      return story && presentStory(customerKey, story)
    },
    ready: async () => ({ delivery: await deliveryStatus(db) }),
    workers,
    async migrate () {
      await migrate(directDatabase ?? pool, purpose)
      // They lead to one database.
      if (directDatabase !== undefined) await checkMigrations(pool)
    },
    async close () {
      await workers.stop()
      await closeMetrics()
      await closeDatabase()
    }
  }

  return {
    affitor,
    settings,
    db,
    notifier,
    watcher,
    metricsReady,
    receive,
    readProgramStatus: programStatusReader({ ...account, programId }),
    paymentOfCharge: id => paymentOfCharge(stripe, id),
    installation: webhook => ({
      database: { pool, direct: directDatabase !== undefined },
      stripe: { client: stripe, secretKey: undefined, livemode, connectedAccounts: [...settings.interpret.connectedAccounts], ...webhook },
      affitor: { ...account, programId }
    }),
    dashboards: {
      stripe: stripe === undefined || hostOf(stripe) !== 'api.stripe.com' ? null : `https://dashboard.stripe.com${livemode ? '' : '/test'}`,
      affitor: account.apiUrl === AFFITOR_API ? 'https://affitor.com' : null
    },
    async start () {
      await loadTracing()
      if (settings.migrate === false) await checkMigrations(directDatabase ?? pool)
      if (settings.migrate !== 'unchecked') await affitor.migrate()
      if (settings.workers) workers.start()
    }
  }
}

async function paymentOfCharge (stripe: Stripe | undefined, id: string): Promise<string | undefined> {
  if (stripe === undefined) return undefined
  const charge = await stripeLookups(stripe).charge(id).catch((error: unknown) => {
    throw new ApiError('STRIPE_UNAVAILABLE', 'Stripe could not be asked which payment this charge is of. Search for the payment intent (pi_...) instead, or try again shortly.', { cause: error })
  })
  const payment = charge?.payment_intent
  return (typeof payment === 'string' ? payment : payment?.id)
}

/** Where a client sends its calls. Of a package that does not tell, nothing else is likely. */
function hostOf (stripe: Stripe): unknown {
  const { getApiField } = stripe as { getApiField?: (name: string) => unknown }
  return getApiField?.call(stripe, 'host') ?? 'api.stripe.com'
}

/** @throws {TypeError} when the app gave no Stripe client */
export function needed (stripe: Stripe | undefined): Stripe {
  if (stripe === undefined) throw new TypeError('stripe is missing. Give your Stripe client: new Stripe(secretKey). Events of Stripe cannot be read without it.')
  return stripe
}

/** The app's own pool, which stays open at the end, or one of our own. */
function openPool (database: Settings['database'], log: FastifyBaseLogger): { pool: pg.Pool, db: Database, close (): Promise<void> } {
  if (typeof database !== 'string') {
    const pool = database as pg.Pool
    return { pool, db: databaseOn(pool), async close () {} }
  }
  const { pool, db } = openDatabase({
    connectionString: database,
    poolSize: POOL_SIZE,
    onIdleError: error => { log.warn({ err: error }, 'A database connection broke') }
  })
  return { pool, db, close: () => pool.end() }
}
