import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { freePorts } from '../../sandbox/free-ports.js'
import { loadConfig, readEnvironment } from '../../src/config.js'
import type { Config } from '../../src/config.js'

const START_TIMEOUT_MS = 60_000

/** A running sandbox: the service and its two stand-ins. */
export interface Sandbox {
  api: string
  affitor: string
  stripe: string
  /** Sends JSON; resolves to the body. Anything but a 2xx is an error. */
  call <T>(url: string, body?: unknown, token?: string): Promise<T>
  /** The tracking events of one customer, oldest first. */
  ledger (customerKey: string): Promise<TrackingEvent[]>
  stop (): Promise<void>
}

/** Takes the sandbox that listens on PORT, or starts one of its own that is gone afterwards. */
export async function connect (): Promise<Sandbox> {
  const config = loadConfig(readEnvironment())
  if (config.mode !== 'sandbox') throw new Error('The demo runs against the sandbox only. Leave the Stripe and Affitor variables empty for it.')
  if (await answers(`http://127.0.0.1:${config.PORT}/health/live`)) {
    if (!await answers(`${config.AFFITOR_API_URL}/_sandbox/state`)) {
      throw new Error(`What listens on port ${config.PORT} is not a sandbox started by \`npm start\`. Stop it, or set PORT.`)
    }
    console.log(`Using the sandbox at http://localhost:${config.PORT}`)
    return sandboxAt(config, async () => {})
  }
  return await startSandbox()
}

async function startSandbox (): Promise<Sandbox> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fastify-affitor-demo-'))
  const [port = 0] = await freePorts(3)
  // Beside this file in whichever form it runs, as TypeScript or compiled, with the same flags.
  const program = fileURLToPath(new URL(`../../sandbox/start${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  const stop = async () => {
    await end(child)
    await rm(dataDir, { recursive: true, force: true })
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!await answers(`http://127.0.0.1:${port}/health/ready`)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error('The sandbox did not start; its own message stands above.')
    }
    await delay(100)
  }
  console.log(`Started a sandbox at http://localhost:${port}`)
  return sandboxAt(loadConfig({ ...readEnvironment(), PORT: String(port) }), stop)
}

function sandboxAt (config: Config, stop: () => Promise<void>): Sandbox {
  const api = `http://127.0.0.1:${config.PORT}`
  async function call<T> (url: string, body?: unknown, token?: string): Promise<T> {
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
      }
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
    return JSON.parse(text) as T
  }
  return {
    api,
    affitor: config.AFFITOR_API_URL,
    stripe: config.STRIPE_API_URL,
    call,
    async ledger (customerKey) {
      const query = new URLSearchParams({ customerKey })
      const page = await call<{ events: TrackingEvent[] }>(`${api}/api/tracking/events?${query}`, undefined, config.ADMIN_TOKEN)
      return page.events.reverse()
    },
    stop
  }
}

async function answers (url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

async function end (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}
