import { join } from 'node:path'
import { freePorts } from '../../sandbox/free-ports.js'
import type { OpenedDatabase } from '../harness/databases.js'
import { ENTRIES, NOWHERE, serviceEnvironment } from '../harness/environment.js'
import { Program } from '../harness/program.js'
import type { ProgramOptions } from '../harness/program.js'
import type { Setting } from './setting.js'

/** What all sides have in common: the same pool, and no line of log for each request. */
const SHARED = { NODE_ENV: 'production', LOG_LEVEL: 'warn', DATABASE_POOL_SIZE: '20' }

export const secrets = {
  affitor: { apiKey: 'bench-affitor-key', programId: '42' },
  stripe: { secretKey: 'sk_test_bench', webhookSecret: 'whsec_bench' }
}

export interface Running {
  url: string
  pid: number
  end (): Promise<void>
}

export interface ServiceOptions {
  database: OpenedDatabase
  affitorUrl?: string
  stripeUrl?: string
  /** Whether the workers run within the API process; false unless told otherwise. */
  workers?: boolean
  /** Most calls to Affitor at once; the service's default unless told otherwise. */
  concurrency?: number
}

/** An address at which nothing listens. */
export async function nowhere (): Promise<string> {
  return `http://127.0.0.1:${(await freePorts(1))[0]}`
}

/** Starts the service as it runs in production. */
export async function startService (setting: Setting, options: ServiceOptions): Promise<Running> {
  return await startServer(setting, `${ENTRIES.server}.js`, serviceVariables(options), profiling(setting))
}

/** Starts the workers alone. */
export async function startWorker (setting: Setting, options: ServiceOptions): Promise<Running> {
  return await start(setting, '', {
    name: 'the workers',
    args: [...profiling(setting), join(setting.compiled, `${ENTRIES.worker}.js`)],
    ready: /Workers started/,
    environment: { ...serviceVariables(options), LOG_LEVEL: 'info' }
  })
}

/** Starts one of the servers of `tools/bench/servers`. */
export async function startSide (setting: Setting, name: string, environment: Record<string, string> = {}): Promise<Running> {
  return await startServer(setting, `tools/bench/servers/${name}.js`, {
    ...SHARED, STRIPE_WEBHOOK_SECRET: secrets.stripe.webhookSecret, AFFITOR_API_KEY: secrets.affitor.apiKey, ...environment
  })
}

function serviceVariables ({ database, affitorUrl = NOWHERE, stripeUrl = NOWHERE, workers = false, concurrency }: ServiceOptions): Record<string, string> {
  return {
    ...serviceEnvironment({ databaseUrl: database.url, affitor: { ...secrets.affitor, url: affitorUrl }, stripe: { ...secrets.stripe, url: stripeUrl } }),
    ...SHARED,
    PUBLIC_URL: 'http://localhost',
    CHECKOUT_SUCCESS_URL: 'http://localhost/success',
    CHECKOUT_CANCEL_URL: 'http://localhost/cancel',
    // Nobody knows what was bought by payments that are made up.
    ...(stripeUrl === NOWHERE && { SEND_PRODUCT_ID: 'false' }),
    ...(concurrency !== undefined && { DELIVERY_CONCURRENCY: String(concurrency) }),
    WORKERS: String(workers)
  }
}

function profiling ({ profiles }: Setting): string[] {
  return profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
}

async function startServer (setting: Setting, file: string, environment: Record<string, string>, nodeArguments: string[] = []): Promise<Running> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  return await start(setting, url, {
    name: file, args: [...nodeArguments, join(setting.compiled, file)], ready: `${url}/health/ready`, environment: { ...environment, PORT: String(port) }
  })
}

async function start ({ folder, closers }: Setting, url: string, options: Omit<ProgramOptions, 'cwd'>): Promise<Running> {
  const program = new Program({ ...options, cwd: folder })
  let ended: Promise<void> | undefined
  const end = () => {
    ended ??= program.stop()
    return ended
  }
  closers.add(end)
  await program.untilReady()
  return { url, pid: program.pid, end }
}
