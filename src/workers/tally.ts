import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/pool.js'
import { isPast, setMark, tallyBlocks } from '../ledger/tallies.js'
import type { Mark } from '../ledger/tallies.js'
import { nowAndThen } from './now-and-then.js'
import type { NowAndThen } from './now-and-then.js'

export interface TallyOptions {
  db: Database
  log: FastifyBaseLogger
  /** Mean time between two rounds, in milliseconds; a minute unless told otherwise. */
  everyMs?: number
  /** Time between the steps of a round, in milliseconds; a second unless told otherwise. */
  pauseMs?: number
}

/** Blocks of one step: a tenth of a second of the database's, or less. */
const BLOCKS = 4

/** Counts rows of which nothing more is to come, for the reports. Any number of processes may: one does. */
export function tallyNowAndThen ({ db, log, everyMs = 60_000, pauseMs = 1_000 }: TallyOptions): NowAndThen {
  let mark: Mark | undefined
  let isSet = false
  return nowAndThen({
    everyMs,
    pauseMs,
    log,
    failure: 'Rows could not be counted for the reports, which count them themselves until then',
    async step () {
      // A mark is past after a moment, or when a long transaction has ended: then the next round finds it so.
      if (mark === undefined) {
        mark = await setMark(db)
        return true
      }
      if (!isSet && !await isPast(db, mark)) return false
      isSet = true
      if (await tallyBlocks(db, mark, BLOCKS) > 0) return true
      mark = undefined
      isSet = false
      return false
    }
  })
}
