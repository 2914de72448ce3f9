import { sql } from 'drizzle-orm'
import type { DeliveryStatus } from '../../schemas/health.js'
import { deliveryPauses } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { storable } from './storable.js'

const FIRST_PAUSE_SECONDS = 5
const LONGEST_PAUSE_SECONDS = 300

/**
 * Stops all delivery, of every process, for a time that doubles from 5 to 300 seconds with each probe that fails.
 * @param isProbe the refused call was the one that a running pause lets through
 */
export async function pauseDelivery (db: Queryable, reason: string, isProbe: boolean): Promise<void> {
  await db.execute(sql`
    insert into affitor.delivery_pauses (id, reason, until)
    values (1, ${storable(reason)}, now() + make_interval(secs => ${FIRST_PAUSE_SECONDS}))
    on conflict (id) do update set
      reason = excluded.reason,
      failures = delivery_pauses.failures + 1,
      until = now() + make_interval(secs => least(${LONGEST_PAUSE_SECONDS}, ${FIRST_PAUSE_SECONDS} * power(2, least(delivery_pauses.failures, 10))))
    where ${isProbe}`)
}

/** Lets delivery go on: Affitor has taken the key again. */
export async function resumeDelivery (db: Queryable): Promise<void> {
  await db.delete(deliveryPauses)
}

/** Lets another event be the probe at once: the one that was to be it needed no call. */
export async function offerProbe (db: Queryable): Promise<void> {
  await db.update(deliveryPauses).set({ until: sql`now()` })
}

export async function deliveryStatus (db: Queryable): Promise<DeliveryStatus> {
  const [pause] = await db.select().from(deliveryPauses)
  return pause === undefined
    ? { state: 'running', reason: null, pausedUntil: null }
    : { state: 'paused', reason: pause.reason, pausedUntil: pause.until.toISOString() }
}
