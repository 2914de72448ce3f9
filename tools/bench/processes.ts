import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

export interface ProgramOptions {
  name: string
  /** The compiled program. */
  file: string
  /** Working directory, in which no `.env` lies. */
  cwd: string
  environment: Record<string, string>
  /** Further arguments of Node. */
  nodeArguments?: string[]
  /** Runs when this address answers 200, or when it says this. */
  ready: string | RegExp
}

const START_PATIENCE_MS = 30_000
/** The service gives its running calls 8 seconds. */
const STOP_PATIENCE_MS = 15_000
/** How often a starting program is asked, in milliseconds. */
const ASK_MS = 4

/** A program of the bench's own: started, and ended by its process id. */
export class Program {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #ready: string | RegExp
  #output = ''

  constructor ({ name, file, cwd, environment, nodeArguments = [], ready }: ProgramOptions) {
    this.#name = name
    this.#ready = ready
    this.#child = spawn(process.execPath, [...nodeArguments, file], {
      cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment }
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => { this.#output = (this.#output + text).slice(-2_000) })
    }
  }

  get pid (): number { return this.#child.pid ?? 0 }

  get #hasEnded (): boolean { return this.#child.exitCode !== null || this.#child.signalCode !== null }

  /** @throws when it ends instead */
  async untilReady (): Promise<void> {
    for (const end = performance.now() + START_PATIENCE_MS; !await this.#isReady(); await delay(ASK_MS)) {
      if (this.#hasEnded || performance.now() > end) throw new Error(`${this.#name} did not start: ${this.#output}`)
    }
  }

  async #isReady (): Promise<boolean> {
    if (typeof this.#ready !== 'string') return this.#ready.test(this.#output)
    const response = await fetch(this.#ready).catch(() => undefined)
    await response?.arrayBuffer()
    return response?.status === 200
  }

  /**
   * Ends it in good order, or by force when that takes too long.
   * @throws when it had ended by itself before
   */
  async end (): Promise<void> {
    if (this.#hasEnded) throw new Error(`${this.#name} ended by itself: ${this.#output}`)
    const closed = once(this.#child, 'close')
    const timer = setTimeout(() => { this.#child.kill('SIGKILL') }, STOP_PATIENCE_MS)
    this.#child.kill('SIGTERM')
    await closed
    clearTimeout(timer)
  }
}
