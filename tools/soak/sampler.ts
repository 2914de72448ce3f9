import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { LOOKS_INTO } from '../harness/databases.js'
import { spreadOf } from '../harness/statistics.js'
import type { Spread } from '../harness/statistics.js'
import { processFigures } from './process-figures.js'
import type { Setting } from './setting.js'

/** One second of the soak. */
export interface Sample {
  residentMb: number
  /** Open descriptors of the service beside the connections of its callers, which come and go with the load. */
  descriptors: number
  /** Connections of the service to the database. */
  connections: number
  /** Stripe events that are not interpreted, and facts that are not delivered. */
  queue: number
  webhooks: Spread
  signups: Spread
  /** How late the callers themselves were, in milliseconds, 99 of 100 times: what the machine was too busy for. */
  callersLate: number
}

const SAMPLE_MS = 1_000

const FIGURES = `
  select
    (select count(*) from pg_stat_activity where datname = current_database() and application_name like 'fastify-affitor%')::int as connections,
    (select count(*) from stripe_events where state in ('received', 'parked'))::int +
      (select count(*) from tracking_events where state = 'pending')::int as queue`

/** Takes a sample every second. */
export class Sampler {
  /** Latencies since the last sample, in milliseconds. */
  webhooks: number[] = []
  signups: number[] = []
  readonly #setting: Setting
  readonly #database: pg.Client
  readonly #lateness = monitorEventLoopDelay({ resolution: 5 })

  constructor (setting: Setting) {
    this.#setting = setting
    this.#database = new pg.Client({ connectionString: setting.postgres.connectionString, options: LOOKS_INTO, application_name: 'soak' })
  }

  async open (): Promise<void> {
    await this.#database.connect()
    this.#lateness.enable()
  }

  async close (): Promise<void> {
    this.#lateness.disable()
    await this.#database.end()
  }

  /** What waits in the database to be interpreted or delivered. */
  async queue (): Promise<number> {
    return (await this.#figures()).queue
  }

  /** Samples until `signal` aborts; what was collected before is left out. */
  async run (signal: AbortSignal): Promise<Sample[]> {
    const samples: Sample[] = []
    this.#reset()
    for (let next = performance.now() + SAMPLE_MS; ; next += SAMPLE_MS) {
      await delay(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => {})
      if (signal.aborted) return samples
      samples.push(await this.#sample())
    }
  }

  async #sample (): Promise<Sample> {
    const { service, caller } = this.#setting
    const [{ residentMb, descriptors }, figures] = await Promise.all([processFigures(service.pid), this.#figures()])
    const callersLate = this.#lateness.percentile(99) / 1e6
    const [webhooks, signups] = [spreadOf(this.webhooks), spreadOf(this.signups)]
    this.#reset()
    return { residentMb, descriptors: descriptors - caller.connections, ...figures, callersLate, webhooks, signups }
  }

  async #figures (): Promise<{ connections: number, queue: number }> {
    return (await this.#database.query<{ connections: number, queue: number }>(FIGURES)).rows[0] ?? { connections: 0, queue: 0 }
  }

  #reset (): void {
    this.webhooks = []
    this.signups = []
    this.#lateness.reset()
  }
}
