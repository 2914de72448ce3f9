import { join } from 'node:path'
import { freePorts } from '../torture/ports.js'
import type { BenchDatabase } from '../harness/databases.js'
import { Program } from './processes.js'
import type { Stage } from './stage.js'

/** What all sides have in common: the same pool, and no line of log for each request. */
const SHARED = { LOG_LEVEL: 'warn', DATABASE_POOL_SIZE: '20' }
/** Of a service that has no reason to call it. */
const UNUSED = 'http://127.0.0.1:2'

export const secrets = {
  stripeKey: 'sk_test_bench',
  webhookSecret: 'whsec_bench',
  affitorKey: 'bench-affitor-key',
  programId: '42',
  adminToken: 'bench-admin-token'
}

export interface Running {
  url: string
  pid: number
  end (): Promise<void>
}

export interface ServiceOptions {
  database: BenchDatabase
  affitorUrl?: string
  stripeUrl?: string
  /** Whether the workers run within the API process; false unless told otherwise. */
  workers?: boolean
}

/** An address at which nothing listens. */
export async function nowhere (): Promise<string> {
  return `http://127.0.0.1:${(await freePorts(1))[0]}`
}

/** Starts the service as it runs in production. */
export async function startService (stage: Stage, options: ServiceOptions): Promise<Running> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  return await start(stage, {
    name: 'the service',
    file: 'src/server.js',
    url,
    ready: `${url}/health/ready`,
    profiled: true,
    environment: { ...serviceEnvironment(options), PORT: String(port), PUBLIC_URL: url }
  })
}

/** Starts the workers alone, with so many calls to Affitor at once. */
export async function startWorker (stage: Stage, options: ServiceOptions, concurrency: number): Promise<Running> {
  return await start(stage, {
    name: 'the workers',
    file: 'src/worker.js',
    url: '',
    ready: /Workers started/,
    profiled: true,
    environment: { ...serviceEnvironment(options), LOG_LEVEL: 'info', DELIVERY_CONCURRENCY: String(concurrency) }
  })
}

/** Starts one of the servers of `tools/bench/servers`. */
export async function startSide (stage: Stage, name: string, environment: Record<string, string> = {}): Promise<Running> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  return await start(stage, {
    name,
    file: `tools/bench/servers/${name}.js`,
    url,
    ready: `${url}/health/ready`,
    profiled: false,
    environment: { ...SHARED, STRIPE_WEBHOOK_SECRET: secrets.webhookSecret, AFFITOR_API_KEY: secrets.affitorKey, ...environment, PORT: String(port) }
  })
}

function serviceEnvironment ({ database, affitorUrl = UNUSED, stripeUrl = UNUSED, workers = false }: ServiceOptions): Record<string, string> {
  return {
    ...SHARED,
    DATABASE_URL: database.url,
    AFFITOR_API_URL: affitorUrl,
    AFFITOR_API_KEY: secrets.affitorKey,
    AFFITOR_PROGRAM_ID: secrets.programId,
    STRIPE_API_URL: stripeUrl,
    STRIPE_SECRET_KEY: secrets.stripeKey,
    STRIPE_WEBHOOK_SECRET: secrets.webhookSecret,
    SESSION_SECRET: 'bench-session-secret-of-32-characters',
    ADMIN_TOKEN: secrets.adminToken,
    PUBLIC_URL: 'http://localhost',
    CHECKOUT_SUCCESS_URL: 'http://localhost/success',
    CHECKOUT_CANCEL_URL: 'http://localhost/cancel',
    RATE_LIMIT_PER_MINUTE: '0',
    // A machine that is busy with all sides is not what the shedding is for.
    MAX_EVENT_LOOP_DELAY_MS: '0',
    WORKERS: String(workers)
  }
}

interface StartOptions {
  name: string
  file: string
  url: string
  ready: string | RegExp
  environment: Record<string, string>
  profiled: boolean
}

async function start (stage: Stage, { name, file, url, ready, environment, profiled }: StartOptions): Promise<Running> {
  const program = new Program({
    name,
    file: join(stage.compiled, file),
    cwd: stage.folder,
    environment,
    ready,
    ...(profiled && stage.profiles !== undefined && { nodeArguments: ['--cpu-prof', `--cpu-prof-dir=${stage.profiles}`] })
  })
  let ended: Promise<void> | undefined
  const end = () => {
    ended ??= program.end()
    return ended
  }
  stage.closers.add(end)
  await program.untilReady()
  return { url, pid: program.pid, end }
}
