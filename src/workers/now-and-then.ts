import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'

export interface NowAndThenOptions {
  /** Mean time between two rounds, in milliseconds. */
  everyMs: number
  /** Pause between the steps of a round, in milliseconds: other work goes before. */
  pauseMs: number
  /** Does some of what is to do. @returns whether there may be more */
  step (): Promise<boolean>
  log: FastifyBaseLogger
  /** What the log says when a round failed. */
  failure: string
}

export interface NowAndThen {
  start (): void
  stop (): Promise<void>
}

/** Upkeep: does something now and then, a step at a time. */
export function nowAndThen ({ everyMs, pauseMs, step, log, failure }: NowAndThenOptions): NowAndThen {
  const stopping = new AbortController()
  const sleep = async (ms: number) => { await delay(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {}) }
  let running: Promise<void> | undefined

  async function run (): Promise<void> {
    while (!stopping.signal.aborted) {
      // Not all processes of a deployment at the same moment, and none at its start.
      await sleep(everyMs * (0.5 + Math.random()))
      try {
        while (!stopping.signal.aborted && await step()) await sleep(pauseMs)
      } catch (error) {
        log.warn({ err: error }, failure)
      }
    }
  }

  return {
    start () { running ??= run() },
    async stop () {
      stopping.abort()
      await running
    }
  }
}
