import { setTimeout as delay } from 'node:timers/promises'
import { Program } from '../harness/program.js'
import type { ProgramOptions } from '../harness/program.js'

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

export interface MemberOptions extends ProgramOptions {
  role: Role
  onUnexpectedExit (exit: UnexpectedExit): void
}

/** Time between an end and the next start, as a supervisor of processes would take, in milliseconds. */
const RESTART_MS = 50

/** One process of the service, which is started again whenever it ends. */
export class Member {
  readonly name: string
  readonly role: Role
  readonly #options: MemberOptions
  #program: Program
  #killed = false
  #ending = false
  /** Starts, the first included. */
  starts = 0
  isStopped = false

  constructor (options: MemberOptions) {
    this.name = options.name
    this.role = options.role
    this.#options = options
    this.#program = this.#start()
  }

  #start (): Program {
    const program = new Program(this.#options)
    this.starts++
    this.#killed = false
    void program.ended.then(how => this.#restart(program, how))
    return program
  }

  get runs (): boolean { return this.#program.isReady && !this.#killed && !this.#program.hasEnded }

  /** In one line, for whoever looks into what is stuck. */
  describe (): string {
    const { pid, output } = this.#program
    return `${this.name}: process ${pid}, ${this.runs ? 'runs' : 'does not run yet'}, start ${this.starts}: ${output.trim().split('\n').at(-1) ?? ''}`
  }

  /** Ends it as a power failure would. */
  kill (): void {
    if (this.#program.signal('SIGKILL')) this.#killed = true
  }

  /** Lets it do nothing for a time, as a machine does that has no time for it. */
  async stop (ms: number): Promise<void> {
    const program = this.#program
    if (!program.signal('SIGSTOP')) return
    this.isStopped = true
    await delay(ms)
    this.isStopped = false
    program.signal('SIGCONT')
  }

  /** Resolves when it runs for the first time; rejects when it ends instead. */
  async untilRunning (): Promise<void> {
    await this.#program.untilReady()
  }

  /** Ends it for good. */
  async end (): Promise<void> {
    this.#ending = true
    await this.#program.end('SIGKILL')
  }

  async #restart (program: Program, how: number | NodeJS.Signals): Promise<void> {
    const ran = program.isReady && !this.#killed
    if (this.#ending) return
    if (how !== 'SIGKILL') {
      this.#options.onUnexpectedExit({ name: this.name, how: typeof how === 'number' ? `code ${how}` : how, ran, output: program.output.trim() })
    }
    await delay(RESTART_MS)
    if (!this.#ending) this.#program = this.#start()
  }
}
