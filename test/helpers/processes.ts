import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { StartedAffitor } from './affitor.js'
import { eventually } from './eventually.js'
import { ADMIN_TOKEN, SESSION_SECRET } from './service.js'

const project = join(import.meta.dirname, '..', '..')

export interface RunningProcess {
  pid: number
  /** What it has printed, and logged. */
  output (): string
  /** Resolves when it has logged that it runs. */
  running: Promise<void>
  /** Of a server, once it runs: its address. */
  url (): string
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>
  /** Sends a signal, and waits for the end. */
  end (signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

export interface ProcessOptions {
  /** `start` is what `npm start` runs. */
  entry: 'server' | 'worker' | 'start'
  /** Empty: none, so the embedded one. */
  databaseUrl: string
  affitor: Pick<StartedAffitor, 'url' | 'apiKey' | 'programId'>
  variables?: Record<string, string>
}

const FILES = { server: 'src/server.ts', worker: 'src/worker.ts', start: 'sandbox/start.ts' }

/** Starts the service, or a worker of it, as a process of its own. It is killed if the test leaves it running. */
export function startProcess (t: Test, { entry, databaseUrl, affitor, variables }: ProcessOptions): RunningProcess {
  const child = spawn(process.execPath, ['--import=tsx', join(project, FILES[entry])], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: '10',
      AFFITOR_API_URL: affitor.url,
      AFFITOR_API_KEY: affitor.apiKey,
      AFFITOR_PROGRAM_ID: affitor.programId,
      STRIPE_API_URL: 'http://127.0.0.1:9',
      STRIPE_SECRET_KEY: 'sk_test_nobody_answers',
      STRIPE_WEBHOOK_SECRET: 'whsec_test',
      SESSION_SECRET,
      ADMIN_TOKEN,
      RATE_LIMIT_PER_MINUTE: '0',
      MAX_EVENT_LOOP_DELAY_MS: '0',
      ...variables
    }
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { output += text })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  t.teardown(async () => {
    if (!isOver()) child.kill('SIGKILL')
    await ended
    if (!t.passing()) console.error(`output of the ${entry} process:\n${output}`)
  })
  const said = /Server listening at (http:[^"]+)|Workers started/
  return {
    pid: child.pid ?? 0,
    output: () => output,
    running: eventually(`the ${entry} runs`, () => {
      if (isOver() && !said.test(output)) throw new Error(`The ${entry} ended instead of running: ${output}`)
      return said.test(output)
    }, 60),
    url: () => said.exec(output)?.[1] ?? '',
    ended,
    async end (signal) {
      child.kill(signal)
      return await ended
    }
  }
}
