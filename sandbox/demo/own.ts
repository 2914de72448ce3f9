import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../free-ports.js'
import { loadWithoutDatabase } from '../with-database.js'
import { Environment } from '../../src/service/config.js'
import { sandboxAt } from './sandbox.js'
import type { Sandbox } from './sandbox.js'

const START_TIMEOUT_MS = 60_000

/**
 * Starts a sandbox on free ports, with a folder and a database of its own that are gone afterwards. Nothing of the
 * environment and of `.env` reaches it: neither a database nor an account's keys.
 */
export async function startOwnSandbox (): Promise<Sandbox> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fastify-affitor-demo-'))
  const [port = 0] = await freePorts(3)
  // Empty counts as absent, and the process's environment goes before `.env`.
  const unset = Object.fromEntries(Object.keys(Environment.properties).map(name => [name, '']))
  const variables = { PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error' }
  // Beside this file in whichever form it runs, as TypeScript or compiled, with the same flags.
  const program = fileURLToPath(new URL(`../../sandbox/start${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, program], {
    env: { ...process.env, ...unset, ...variables },
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
  const config = loadWithoutDatabase(variables)
  return sandboxAt({
    api: `http://127.0.0.1:${port}`, affitor: config.AFFITOR_API_URL, stripe: config.STRIPE_API_URL, adminToken: config.ADMIN_TOKEN[0]
  }, stop)
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
