import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config.js'
import { freePorts } from './ports.js'
import { Member } from '../harness/processes.js'
import type { Role, UnexpectedExit } from '../harness/processes.js'

/** Longest wait of the service for one answer of Affitor, in milliseconds. */
export const DELIVERY_TIMEOUT_MS = 500

export interface ServiceOptions {
  compiled: string
  connectionString: string
  affitorUrl: string
  stripeUrl: string
  onUnexpectedExit (exit: UnexpectedExit): void
}

export interface TorturedService {
  members: Member[]
  /** Addresses of the API processes; a process that is started again has the one it had. */
  urls: string[]
  stop (): Promise<void>
}

/** The secrets of sandbox mode: what the stand-ins and the processes agree on without any account. */
export function sandboxSecrets (): { stripeKey: string, webhookSecret: string, affitorKey: string, programId: string } {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, AFFITOR_API_KEY, AFFITOR_PROGRAM_ID } = loadConfig({})
  return {
    stripeKey: STRIPE_SECRET_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET[0] ?? '',
    affitorKey: AFFITOR_API_KEY,
    programId: AFFITOR_PROGRAM_ID
  }
}

/** Starts the service as it is deployed: two API processes and two worker processes on one database. */
export async function startService (options: ServiceOptions): Promise<TorturedService> {
  const cwd = await mkdtemp(join(tmpdir(), 'fastify-affitor-torture-'))
  const ports = await freePorts(2)
  const common = {
    LOG_LEVEL: 'info',
    DATABASE_URL: options.connectionString,
    DATABASE_POOL_SIZE: '10',
    AFFITOR_API_URL: options.affitorUrl,
    STRIPE_API_URL: options.stripeUrl,
    // One for all processes, as behind a load balancer: a checkout that is repeated elsewhere is the same checkout.
    PUBLIC_URL: 'http://shop.localhost',
    RATE_LIMIT_PER_MINUTE: '0',
    // Two busy cores are not what the shedding is for.
    MAX_EVENT_LOOP_DELAY_MS: '0',
    WORKERS: 'false',
    DELIVERY_TIMEOUT_MS: String(DELIVERY_TIMEOUT_MS),
    DELIVERY_RETRY_BASE_MS: '20',
    DELIVERY_RETRY_CAP_MS: '300'
  }
  const member = (name: string, role: Role, variables: Record<string, string> = {}) => new Member({
    name, role, cwd, compiled: options.compiled, environment: { ...common, ...variables }, onUnexpectedExit: options.onUnexpectedExit
  })
  const members = [
    ...ports.map((port, index) => member(`api ${index + 1}`, 'server', { PORT: String(port) })),
    member('worker 1', 'worker'),
    member('worker 2', 'worker')
  ]
  const stop = async () => {
    await Promise.all(members.map(each => each.end()))
    await rm(cwd, { recursive: true, force: true })
  }
  for (const each of members) each.start()
  try {
    await Promise.all(members.map(each => each.untilRunning()))
  } catch (error) {
    await stop()
    throw error
  }
  return { members, urls: ports.map(port => `http://127.0.0.1:${port}`), stop }
}
