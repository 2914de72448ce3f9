import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

export type Role = 'server' | 'worker'

/** An end that the torture did not cause. */
export interface UnexpectedExit {
  name: string
  /** Exit code or signal. */
  how: string
  /** Whether it ran already; a start may fail while the database is away. */
  ran: boolean
  /** Its last words. */
  output: string
}

export interface MemberOptions {
  name: string
  role: Role
  /** Folder with the compiled service. */
  compiled: string
  /** Working directory, in which no `.env` lies. */
  cwd: string
  environment: Record<string, string>
  onUnexpectedExit (exit: UnexpectedExit): void
}

const START_PATIENCE_MS = 30_000
/** Time between an end and the next start, as a supervisor of processes would take, in milliseconds. */
const RESTART_MS = 50
const OUTPUT_CHARACTERS = 4_000
const SAYS_IT_RUNS = /Server listening at|Workers started/

/** One process of the service, which is started again whenever it ends. */
export class Member {
  readonly name: string
  readonly role: Role
  readonly #options: MemberOptions
  #child: ChildProcess | undefined
  #running = false
  #output = ''
  #lastWords = ''
  #ending = false
  /** Starts, the first included. */
  starts = 0
  /** Ids of its processes that have ended. */
  readonly endedPids: number[] = []

  constructor (options: MemberOptions) {
    this.name = options.name
    this.role = options.role
    this.#options = options
  }

  start (): void {
    const { role, compiled, cwd, environment } = this.#options
    const child = spawn(process.execPath, [join(compiled, 'src', `${role}.js`)], {
      cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, ...environment }
    })
    this.starts++
    this.#child = child
    this.#running = false
    this.#output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS)
        if (!this.#running && SAYS_IT_RUNS.test(this.#output)) this.#running = true
      })
    }
    child.once('close', () => { void this.#restart(child) })
  }

  /** In one line, for whoever looks into what is stuck. */
  describe (): string {
    return `${this.name}: process ${this.#child?.pid}, ${this.#running ? 'runs' : 'does not run yet'}, start ${this.starts}: ${this.#output.trim().split('\n').at(-1) ?? ''}`
  }

  /** Ends it as a power failure would. */
  kill (): void {
    if (this.#child?.kill('SIGKILL') === true) this.#running = false
  }

  /** Resolves when it runs for the first time; rejects when it ends instead. */
  async untilRunning (): Promise<void> {
    for (const end = performance.now() + START_PATIENCE_MS; !this.#running; await delay(20)) {
      if (performance.now() > end || this.starts > 1) throw new Error(`${this.name} did not start: ${this.#lastWords || this.#output}`)
    }
  }

  /** Ends it for good. */
  async end (): Promise<void> {
    this.#ending = true
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  async #restart (child: ChildProcess): Promise<void> {
    const { exitCode, signalCode, pid } = child
    if (pid !== undefined) this.endedPids.push(pid)
    const ran = this.#running
    this.#running = false
    if (this.#ending) return
    this.#lastWords = this.#output.trim()
    if (signalCode !== 'SIGKILL') {
      this.#options.onUnexpectedExit({ name: this.name, how: String(signalCode ?? `code ${exitCode}`), ran, output: this.#lastWords })
    }
    await delay(RESTART_MS)
    if (!this.#ending) this.start()
  }
}
