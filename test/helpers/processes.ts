import { join } from 'node:path'
import type { Test } from 'tap'
import { ENTRIES, NOWHERE, serviceEnvironment } from '../../tools/harness/environment.js'
import { Program } from '../../tools/harness/program.js'
import type { ProgramOptions } from '../../tools/harness/program.js'
import type { StartedAffitor } from './affitor.js'

const project = join(import.meta.dirname, '..', '..')
const SAID = /Server listening at (http:[^"]+)|Workers started/

export interface RunningProcess {
  pid: number
  /** What it has printed, and logged. */
  output (): string
  /** Resolves when it has logged that it runs. */
  running: Promise<void>
  /** Of a server, once it runs: its address. */
  url (): string
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
  /** Sends a signal, and waits for the end. */
  end (signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

export interface ProcessOptions {
  /** `start` is what `npm start` runs. */
  entry: 'server' | 'worker' | 'start'
  /** Empty: none, so the embedded one. */
  databaseUrl: string
  affitor: Pick<StartedAffitor, 'url' | 'apiKey' | 'programId'>
  variables?: Record<string, string>
}

/** Starts the service, or a worker of it, as a process of its own. It is killed if the test leaves it running. */
export function startProcess (t: Test, { entry, databaseUrl, affitor, variables }: ProcessOptions): RunningProcess {
  const stripe = { url: NOWHERE, secretKey: 'sk_test_nobody_answers', webhookSecret: 'whsec_test' }
  const program = startProgram(t, {
    name: `the ${entry}`,
    file: `${ENTRIES[entry]}.ts`,
    environment: { NODE_ENV: 'test', PORT: '0', ...serviceEnvironment({ databaseUrl, affitor, stripe }), ...variables },
    ready: SAID
  }, 'SIGKILL')
  return {
    pid: program.pid,
    output: () => program.output,
    running: program.untilReady(),
    url: () => SAID.exec(program.output)?.[1] ?? '',
    ended: program.ended,
    end: signal => program.end(signal)
  }
}

/** Starts a program of the project's, by its file; its end is this signal if the test leaves it running. */
export function startProgram (
  t: Test, { file, ...options }: Omit<ProgramOptions, 'args' | 'cwd'> & { file: string }, signal: NodeJS.Signals
): Program {
  const program = new Program({ ...options, args: ['--import=tsx', join(project, file)], cwd: project, keep: Infinity, patienceMs: 60_000 })
  t.teardown(async () => {
    await program.end(signal)
    if (!t.passing()) console.error(`output of ${options.name}:\n${program.output}`)
  })
  return program
}
