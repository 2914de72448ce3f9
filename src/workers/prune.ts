import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/pool.js'
import { prune } from '../ledger/retention.js'

export interface PruneOptions {
  db: Database
  /** Age after which what is done with is deleted, in days; 0: never. */
  retentionDays: number
  log: FastifyBaseLogger
  /** Mean time between two rounds, in milliseconds; an hour unless told otherwise. */
  everyMs?: number
}

const HOUR_MS = 3_600_000
/** Rows of one statement, and the pause after it, in milliseconds: other work goes before. */
const BATCH = 1_000
const PAUSE_MS = 200

/** Deletes what is old about once an hour. Any number of processes may: each takes rows that no other has. */
export function pruneNowAndThen ({ db, retentionDays, log, everyMs = HOUR_MS }: PruneOptions) {
  const stopping = new AbortController()
  const sleep = async (ms: number) => { await delay(ms, undefined, { signal: stopping.signal, ref: false }).catch(() => {}) }
  let running: Promise<void> | undefined

  async function run (): Promise<void> {
    while (!stopping.signal.aborted) {
      // Not all processes of a deployment at the same moment, and none at its start.
      await sleep(everyMs * (0.5 + Math.random()))
      if (!stopping.signal.aborted) await pruneAll()
    }
  }

  async function pruneAll (): Promise<void> {
    try {
      for (let isMore = true; isMore && !stopping.signal.aborted;) {
        const deleted = await prune(db, retentionDays, BATCH)
        isMore = Object.values(deleted).includes(BATCH)
        if (Object.values(deleted).some(count => count > 0)) log.info({ deleted }, 'Deleted what is older than RETENTION_DAYS')
        if (isMore) await sleep(PAUSE_MS)
      }
    } catch (error) {
      log.warn({ err: error }, 'Old rows could not be deleted; they are tried again later')
    }
  }

  return {
    start (): void {
      if (retentionDays > 0) running ??= run()
    },
    async stop (): Promise<void> {
      stopping.abort()
      await running
    }
  }
}
