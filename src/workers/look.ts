import { setTimeout as delay } from 'node:timers/promises'
import type { Notifier, Topic } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import { dueTopics } from '../ledger/due.js'

export interface LookOptions {
  db: Database
  notifier: Notifier
  onTopic (topic: Topic): void
}

/** Time from one look to the next while nothing is due, in milliseconds: with what it takes, not quite two a second. */
const IDLE_MS = 510
/** The same after the first look that found something, which seldom comes alone; doubles up to the above. */
const FIRST_MS = 100

const ALL: Topic[] = ['stripe_events', 'tracking_events']

/**
 * Looks for new work by one query for all of it, where it cannot be announced: it is found a quarter of a second after
 * it was stored, on average; what this process has stored itself, at once.
 */
export function lookForWork ({ db, notifier, onTopic }: LookOptions): { stop (): Promise<void> } {
  const stopping = new AbortController()
  const forget = notifier.onNotify(onTopic)

  async function run (): Promise<void> {
    let wasDue = false
    let wasAway = false
    for (let wait = IDLE_MS; !stopping.signal.aborted;) {
      const found = await dueTopics(db).catch(() => undefined)
      // That the database is away, and that it is back, the loops find out as well, and say so.
      const topics = found === undefined || wasAway ? ALL : found
      wasAway = found === undefined
      for (const topic of topics) onTopic(topic)
      const isDue = topics.length > 0
      wait = isDue && !wasDue ? FIRST_MS : Math.min(2 * wait, IDLE_MS)
      wasDue = isDue
      // Jitter keeps processes from asking in step.
      await delay(wait * (0.9 + Math.random() / 5), undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop () {
      forget()
      stopping.abort()
      await running
    }
  }
}
