import { spawn } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'

/** As whom a program runs: other ids, or through another program that changes them. */
export interface Account {
  uid?: number
  gid?: number
  prefix: readonly string[]
}

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  output: string
  errors: string
}

// The server needs none of our secrets, and its messages must be the ones we know.
function environment (): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' }
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMP']) {
    if (process.env[name] !== undefined) env[name] = process.env[name]
  }
  return env
}

/** Starts a program as an account, without input and with its output piped. */
export function spawnAs (account: Account, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const [file = command, ...rest] = [...account.prefix, command, ...args]
  const { uid, gid } = account
  return spawn(file, rest, {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ...options
  })
}

/** Runs a program to its end. A program that cannot be started is an outcome too, never a rejection. */
export async function run (account: Account, command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return await new Promise(resolve => {
    const outcome: Outcome = { code: null, signal: null, output: '', errors: '' }
    const child = tryTo(() => spawnAs(account, command, args, { cwd }))
    if (child instanceof Error) return resolve({ ...outcome, errors: child.message })
    child.stdout?.setEncoding('utf8').on('data', chunk => { outcome.output += chunk })
    child.stderr?.setEncoding('utf8').on('data', chunk => { outcome.errors += chunk })
    child.on('error', error => resolve({ ...outcome, errors: error.message }))
    child.on('close', (code, signal) => resolve({ ...outcome, code, signal }))
  })
}

/** Node throws some causes of a failed start, such as EPERM, and emits the others. */
function tryTo<T> (action: () => T): T | Error {
  try {
    return action()
  } catch (error) {
    return error as Error
  }
}

/** A failed outcome in one line, for an error message. */
export function describe (outcome: Outcome): string {
  const text = outcome.errors.trim().split(/\s*\n\s*/).slice(-3).join(' ')
  return text !== '' ? text : `ended with ${outcome.signal ?? `code ${outcome.code}`}`
}
