import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { promisify } from 'node:util'

/** As whom a program runs: other ids, or through another program that changes them. */
export interface Account {
  uid?: number
  gid?: number
  prefix: readonly string[]
}

/** This process's own. */
export const self: Account = { prefix: [] }

/**
 * Runs a program to its end.
 * @returns what it printed
 * @throws with its last lines when it fails or cannot be started
 */
export async function run (account: Account, command: string, args: readonly string[], cwd = '/'): Promise<string> {
  try {
    const { file, rest, options } = prepare(account, command, args, cwd)
    return (await promisify(execFile)(file, rest, options)).stdout.trim()
  } catch (cause) {
    const { stderr = '', message } = cause as Error & { stderr?: string }
    throw new Error(stderr.trim().split(/\s*\n\s*/).slice(-3).join(' ') || message, { cause })
  }
}

/** Starts a program that goes on when this process ends, with only its errors piped. */
export function startDetached (account: Account, command: string, args: readonly string[], cwd: string): ChildProcess {
  const { file, rest, options } = prepare(account, command, args, cwd)
  return spawn(file, rest, { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
}

function prepare ({ prefix, ...ids }: Account, command: string, args: readonly string[], cwd: string) {
  const [file = command, ...rest] = [...prefix, command, ...args]
  // The server needs none of our secrets, and its messages must be the ones we know.
  const inherited = Object.entries(process.env).filter(([name]) => ['PATH', 'SystemRoot', 'TEMP', 'TMP'].includes(name))
  return { file, rest, options: { ...ids, cwd, windowsHide: true, env: { ...Object.fromEntries(inherited), LC_ALL: 'C', TZ: 'UTC' } } }
}
