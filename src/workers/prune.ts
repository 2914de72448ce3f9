import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/pool.js'
import { prune } from '../ledger/retention.js'
import { nowAndThen } from './now-and-then.js'
import type { NowAndThen } from './now-and-then.js'

export interface PruneOptions {
  db: Database
  /** Age after which what is done with is deleted, in days; 0: never. */
  retentionDays: number
  log: FastifyBaseLogger
  /** Mean time between two rounds, in milliseconds; an hour unless told otherwise. */
  everyMs?: number
}

const HOUR_MS = 3_600_000
/** Rows of one statement, and the pause after it, in milliseconds. */
const BATCH = 1_000
const PAUSE_MS = 200

/** Deletes what is old about once an hour. Any number of processes may: each takes rows that no other has. */
export function pruneNowAndThen ({ db, retentionDays, log, everyMs = HOUR_MS }: PruneOptions): NowAndThen {
  const pruning = nowAndThen({
    everyMs,
    pauseMs: PAUSE_MS,
    log,
    failure: 'Old rows could not be deleted; they are tried again later',
    async step () {
      const deleted = Object.entries(await prune(db, retentionDays, BATCH))
      if (deleted.some(([, count]) => count > 0)) log.info({ deleted: Object.fromEntries(deleted) }, 'Deleted what is older than RETENTION_DAYS')
      return deleted.some(([, count]) => count === BATCH)
    }
  })
  return { ...pruning, start () { if (retentionDays > 0) pruning.start() } }
}
