import type pg from 'pg'
import { pendingMigrations } from '../db/migrate.js'
import { databaseOn } from '../db/pool.js'
import type { Database } from '../db/pool.js'
import { isOwnSession } from '../db/session.js'
import { findTroubles } from '../ledger/alerts.js'
import { deliveryStatus } from '../ledger/pauses.js'
import { workerActivity } from '../ledger/workers.js'
import { cannotCheck, fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'
import { once } from './once.js'

export interface DatabaseChecksOptions {
  /** Undefined when no database is named. */
  pool: pg.Pool | undefined
  /** Whether workers have a connection to PostgreSQL itself beside this one, which may be a pooler's. */
  direct: boolean
}

/** What works for less than this is told by the package, before any check can run. */
const OLDEST_NODE = [20, 19] as const
/** From this time on, what is due and nobody takes shows that nobody works, in seconds. */
const UNTAKEN_SECONDS = 60

/** Whether what the program runs on is there, and its work gets done. */
export function databaseChecks ({ pool, direct }: DatabaseChecksOptions): Check[] {
  const node = { name: 'node', run: async () => nodeFinding(process.versions.node) }
  if (pool === undefined) {
    const missing = fail('No database is named.', 'Set DATABASE_URL to your PostgreSQL: postgres://USER:PASSWORD@HOST/NAME.')
    return [node, { name: 'postgres', run: async () => missing }, ...cannotCheck(['schema', 'workers', 'delivery', 'nothing-stuck'], 'No database is named.')]
  }
  const schema = once(() => readSchema(pool))

  /** A question to the database, once it is known to have our tables. */
  const ofTables = (name: string, ask: (db: Database) => Promise<Finding>): Check => ({
    name,
    async run () {
      const { error, pending } = await schema()
      if (error !== undefined) return skip('The database cannot be asked.')
      return pending.length > 0 ? skip('The schema is not up to date.') : await ask(databaseOn(pool))
    }
  })

  return [
    node,
    {
      name: 'postgres',
      async run () {
        const { error, version } = await schema()
        return error === undefined ? pass(`PostgreSQL ${version}.`) : fail(error, 'See that DATABASE_URL leads to a PostgreSQL that this machine reaches, and run this again.')
      }
    },
    { name: 'schema', run: async () => schemaFinding(await schema()) },
    ofTables('workers', async db => await workersFinding(db, direct || await hasOwnSessions(pool))),
    ofTables('delivery', deliveryFinding),
    ofTables('nothing-stuck', stuckFinding)
  ]
}

interface Schema {
  /** Why the database cannot be asked. */
  error?: string
  version: string
  pending: string[]
}

async function readSchema (pool: pg.Pool): Promise<Schema> {
  try {
    const pending = await pendingMigrations(pool)
    const { rows: [row] } = await pool.query<{ version: string }>("select current_setting('server_version') as version")
    return { version: row?.version ?? '', pending }
  } catch (error) {
    return { error: (error as Error).message, version: '', pending: [] }
  }
}

function schemaFinding ({ error, pending }: Schema): Finding {
  if (error !== undefined) return skip('The database cannot be asked.')
  return pending.length === 0
    ? pass('The schema affitor is up to date.')
    : fail(`The schema affitor is behind: ${pending.join(', ')} ${pending.length === 1 ? 'is' : 'are'} not applied.`, 'Run `npx fastify-affitor migrate`, or start the app with migrate: true.')
}

export function nodeFinding (version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? pass(`Node ${version}.`)
    : fail(`Node ${version} is older than ${OLDEST_NODE.join('.')}.`, `Install Node ${OLDEST_NODE.join('.')} or later: the newest LTS is best.`)
}

async function hasOwnSessions (pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect()
  try {
    return await isOwnSession(client)
  } finally {
    client.release()
  }
}

async function workersFinding (db: Database, areSeen: boolean): Promise<Finding> {
  const { alive, secondsSinceWork, untakenSeconds } = await workerActivity(db)
  if (alive > 0) return pass(`${alive} ${alive === 1 ? 'process runs' : 'processes run'} the workers.`)
  if (secondsSinceWork !== null && secondsSinceWork < UNTAKEN_SECONDS) return pass(`The workers did something ${Math.round(secondsSinceWork)} s ago.`)
  if (untakenSeconds !== null && untakenSeconds > UNTAKEN_SECONDS) {
    // While delivery pauses, what is due waits on purpose.
    const { state } = await deliveryStatus(db)
    if (state === 'running') return fail(`No process runs the workers: something is due since ${duration(untakenSeconds)}, and nobody takes it.`, START_WORKERS)
  }
  return areSeen
    ? fail('No process runs the workers. What comes is stored, and nothing is sent to Affitor.', START_WORKERS)
    : skip('Behind a connection pooler workers are seen only while they have something to do, and nothing is due. DATABASE_DIRECT_URL would show them.')
}

const START_WORKERS = 'Start a process with workers: WORKERS=true (option workers), or `npm run worker` beside the service.'

async function deliveryFinding (db: Database): Promise<Finding> {
  const { state, reason, pausedUntil } = await deliveryStatus(db)
  return state === 'running'
    ? pass('Delivery to Affitor is not paused.')
    : fail(`Delivery to Affitor is paused: ${reason}. It is tried again at ${pausedUntil}; nothing is lost meanwhile.`,
      'Set AFFITOR_API_KEY to the tracking key that Affitor shows for the program (aff_...), and restart.')
}

async function stuckFinding (db: Database): Promise<Finding> {
  const { found } = await findTroubles(db)
  const late = found.find(trouble => trouble.cause === 'delivery_late')
  const attention = found.find(trouble => trouble.cause === 'attention')
  const stuck = [
    ...(attention?.attention ?? []).map(({ count, kind, reason }) => `${count} ${kind === 'fact' ? (count === 1 ? 'fact' : 'facts') : (count === 1 ? 'Stripe event' : 'Stripe events')} (${reason})`),
    ...(late === undefined ? [] : [`a fact that waits since ${duration(late.oldestSeconds)}`])
  ]
  return stuck.length === 0
    ? pass('Nothing needs attention, and nothing waits for longer than an hour.')
    : fail(`Needs attention: ${stuck.join(', ')}.`, 'Open the operator page: it says for each reason what to do. docs/reasons.md has them all.')
}

function duration (seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}
