import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { loadWithoutDatabase } from '../../sandbox/with-database.js'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { callJson } from '../../tools/harness/stand-ins.js'
import { createTestDatabase } from './database.js'
import { startProgram } from './processes.js'

export interface RunningSandbox {
  /** Address of the service, as people open it. */
  url: string
  affitorUrl: string
  stripeUrl: string
  adminToken: string
  /** What it has printed. */
  output (): string
  /** Sends JSON to any of the three; resolves to the body of a 2xx, and throws for anything else. */
  call <T = Record<string, unknown>>(url: string, body?: unknown, method?: string): Promise<T>
  /** The ledger, oldest first. */
  ledger (): Promise<TrackingEvent[]>
  /** Ends it in good order, before the test's end. */
  stop (): Promise<void>
}

/** Starts what `npm start` starts without any account, as a process of its own, on a database of its own unless told otherwise. */
export async function startSandbox (t: Test, variables: Record<string, string> = {}): Promise<RunningSandbox> {
  const databaseUrl = variables.DATABASE_URL ?? (await createTestDatabase(t)).connectionString
  const dataDir = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
  const [port = 0] = await freePorts(3)
  const environment = {
    PORT: String(port), DATABASE_URL: databaseUrl, DATA_DIR: dataDir, RATE_LIMIT_PER_MINUTE: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...variables
  }
  const config = loadWithoutDatabase(environment)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const program = startProgram(t, { name: 'the sandbox', file: 'sandbox/start.ts', environment, ready: /SANDBOX/ }, 'SIGTERM')
  await program.untilReady()

  const url = `http://localhost:${port}`
  const call = <T>(address: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') =>
    callJson<T>(method, address, body, { authorization: `Bearer ${config.ADMIN_TOKEN[0]}` })
  return {
    url,
    affitorUrl: config.AFFITOR_API_URL,
    stripeUrl: config.STRIPE_API_URL,
    adminToken: config.ADMIN_TOKEN[0],
    output: () => program.output,
    call,
    async stop () { await program.end('SIGTERM') },
    async ledger () {
      const { events } = await call<{ events: TrackingEvent[] }>(`${url}/api/tracking/events?limit=200`)
      return events.reverse()
    }
  }
}
