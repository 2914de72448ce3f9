import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProgramOptions {
  name: string
  /** Which Node; default: this process's. */
  program?: string
  /** What Node is started with: its own arguments, and the program's file. */
  args: string[]
  /** Working directory, in which no `.env` lies. */
  cwd: string
  environment: Record<string, string>
  /** Runs when this address answers 200, or when it has said this. */
  ready: string | RegExp
  /** How much of its output is kept, the latest, in characters. */
  keep?: number
  /** Takes its output: of a pipe that a busy reader does not empty, it would have to wait for the reader. */
  logFile?: string
  /** Longest wait until it is ready, in milliseconds. */
  patienceMs?: number
}

const KEEP_CHARACTERS = 4_000
const START_PATIENCE_MS = 30_000
/** The service gives its running calls 8 seconds. */
const STOP_PATIENCE_MS = 15_000
/** How often a starting program is asked, in milliseconds. */
const ASK_MS = 4

/** A process of our own: started, and ended by its process id. */
export class Program {
  readonly #options: ProgramOptions
  readonly #child: ChildProcess
  #output = ''
  #isReady = false
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>

  constructor (options: ProgramOptions) {
    const { program = process.execPath, args, cwd, environment, ready, keep = KEEP_CHARACTERS, logFile } = options
    this.#options = options
    const output = logFile === undefined ? 'pipe' : openSync(logFile, 'a')
    this.#child = spawn(program, args, { cwd, stdio: ['ignore', output, output], env: { PATH: process.env.PATH, ...environment } })
    if (typeof output === 'number') closeSync(output)
    this.ended = once(this.#child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-keep)
        this.#isReady ||= ready instanceof RegExp && ready.test(this.#output)
      })
    }
  }

  get pid (): number { return this.#child.pid ?? 0 }

  /** What it has printed and logged. */
  get output (): string {
    const { logFile, keep = KEEP_CHARACTERS } = this.#options
    return logFile === undefined ? this.#output : readFileSync(logFile, 'utf8').slice(-keep)
  }

  get isReady (): boolean { return this.#isReady }

  get hasEnded (): boolean { return this.#child.exitCode !== null || this.#child.signalCode !== null }

  /** @throws when it ends instead, or takes too long */
  async untilReady (): Promise<void> {
    const { name, ready, patienceMs = START_PATIENCE_MS } = this.#options
    for (const end = performance.now() + patienceMs; !this.#isReady; await delay(ASK_MS)) {
      if (typeof ready === 'string' && await isReady(ready)) this.#isReady = true
      else if (this.hasEnded || performance.now() > end) throw new Error(`${name} did not start: ${this.output}`)
    }
  }

  /** Sends a signal. @returns whether it was there to get it */
  signal (name: NodeJS.Signals): boolean {
    return this.#child.kill(name)
  }

  /** Sends a signal, unless it has ended, and waits for the end. */
  async end (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (!this.hasEnded) this.signal(signal)
    return await this.ended
  }

  /**
   * Ends it in good order, or by force when that takes too long.
   * @throws when it had ended by itself before
   */
  async stop (): Promise<void> {
    if (this.hasEnded) throw new Error(`${this.#options.name} ended by itself: ${this.output}`)
    const timer = setTimeout(() => { this.signal('SIGKILL') }, STOP_PATIENCE_MS)
    await this.end('SIGTERM')
    clearTimeout(timer)
  }
}

/** Whether an address answers 200. */
export async function isReady (url: string, patienceMs = START_PATIENCE_MS): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) })
    await answer.arrayBuffer()
    return answer.status === 200
  } catch {
    return false
  }
}
