import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { freePorts } from '../../sandbox/free-ports.js'
import { loadConfig } from '../../src/config.js'
import { createTestDatabase } from './database.js'
import { eventually } from './eventually.js'

const project = join(import.meta.dirname, '..', '..')

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
  const port = await freePorts()
  const environment = {
    PORT: String(port), DATABASE_URL: databaseUrl, DATA_DIR: dataDir, RATE_LIMIT_PER_MINUTE: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...variables
  }
  const config = loadConfig(environment)
  const child = spawn(process.execPath, ['--import=tsx', join(project, 'sandbox', 'start.ts')], {
    cwd: project, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, ...environment }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { output += text })
  const ended = once(child, 'close')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  t.teardown(async () => {
    await stop()
    await rm(dataDir, { recursive: true, force: true })
    if (!t.passing()) console.error(`output of the sandbox:\n${output}`)
  })
  await eventually('the sandbox runs', () => {
    if (child.exitCode !== null) throw new Error(`The sandbox ended instead of running: ${output}`)
    return output.includes('SANDBOX')
  }, 60)

  const url = `http://localhost:${port}`
  async function call<T> (address: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<T> {
    const response = await fetch(address, {
      method,
      headers: { authorization: `Bearer ${config.ADMIN_TOKEN}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${address} answered ${response.status}: ${text}`)
    return (text === '' ? null : JSON.parse(text)) as T
  }
  return {
    url,
    affitorUrl: config.AFFITOR_API_URL,
    stripeUrl: config.STRIPE_API_URL,
    adminToken: config.ADMIN_TOKEN,
    output: () => output,
    call,
    stop,
    async ledger () {
      const { events } = await call<{ events: TrackingEvent[] }>(`${url}/api/tracking/events?limit=200`)
      return events.reverse()
    }
  }
}
