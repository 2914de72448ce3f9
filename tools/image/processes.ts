import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from './dockerfile.js'

/** Nobody's number, on Linux: who has no right to write into the image. */
const NOBODY = 65_534

/** The exit code that a shell gives to a program that does not start. */
const NOT_FOUND = 127

export interface ProcessOptions {
  cwd: string
  /** Beside `PATH`; nothing else is passed on. */
  env: Record<string, string | undefined>
  /** As in the image. Without the right to become another user, the process stays who we are. */
  user: string
}

export interface RunningProcess {
  /** What it has printed. */
  output (): string
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>
  isOver (): boolean
  /** Sends a signal to it and to what it has started. */
  signal (name: NodeJS.Signals): void
}

const live = new Set<RunningProcess>()
let interrupted = false

/** Kills what was started here and lets nothing new start, so that whoever waits for it ends and cleans up. */
export function interrupt (): void {
  interrupted = true
  for (const running of live) running.signal('SIGKILL')
}

/** The number that a user of the image has on this machine; undefined for the user that we are. */
export function userId (user: string): number | undefined {
  if (process.getuid?.() !== 0 || user === 'root' || user === '0') return undefined
  return /^\d+$/.test(user) ? Number(user) : NOBODY
}

/** Starts a command as the image would, with this machine's Node. */
export function startProcess (command: Command, { cwd, env, user }: ProcessOptions): RunningProcess {
  if (interrupted) throw new Error('Interrupted.')
  const [file = '', ...args] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  const id = userId(user)
  const child = spawn(file === 'node' ? process.execPath : file, args, {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that a shell's children end with it.
    detached: true,
    ...(id !== undefined && { uid: id, gid: id })
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { output += text })
  const isOver = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  const running: RunningProcess = {
    output: () => output,
    ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals, (error: Error) => {
      output += error.message
      return NOT_FOUND
    }),
    isOver,
    signal (name) {
      if (!isOver() && child.pid !== undefined) process.kill(-child.pid, name)
    }
  }
  live.add(running)
  void running.ended.then(() => live.delete(running))
  return running
}

/**
 * Waits for the end of a process, which is killed when it takes too long.
 * @param timeoutMs in milliseconds
 * @param expected its exit code
 * @throws Error with what it printed last when it ends otherwise
 */
export async function finish (name: string, running: RunningProcess, timeoutMs: number, expected = 0): Promise<string> {
  const end = new AbortController()
  const timer = delay(timeoutMs, 'late' as const, { signal: end.signal })
  timer.catch(() => {})
  const code = await Promise.race([running.ended, timer])
  end.abort()
  if (code === 'late') {
    running.signal('SIGKILL')
    await running.ended
  }
  if (code === expected) return running.output()
  const how = code === 'late' ? `takes longer than ${timeoutMs / 1000} s` : `ended with ${code}`
  throw new Error(`${name} ${how}. The last that it printed:\n${lastLines(running.output())}`)
}

export function lastLines (text: string): string {
  return text.trimEnd().split('\n').slice(-25).map(line => `  ${line}`).join('\n')
}
