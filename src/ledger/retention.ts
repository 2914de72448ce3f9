import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Database } from '../db/pool.js'

/** What is deleted, by table. Facts are not: by their keys nothing is counted twice, and refunds find their sale. */
const prunable: Record<string, (olderThan: SQL, limit: number) => SQL> = {
  stripe_events: (olderThan, limit) => sql`
    delete from affitor.stripe_events where id in (
      select id from affitor.stripe_events where state in ('interpreted', 'ignored') and received_at < ${olderThan}
      order by received_at limit ${limit} for update skip locked)`,
  // Those of an event that a person may still send again tell what happened to it at Affitor.
  delivery_attempts: (olderThan, limit) => sql`
    delete from affitor.delivery_attempts where id in (
      select attempt.id from affitor.delivery_attempts attempt join affitor.tracking_events event on event.id = attempt.tracking_event_id
      where attempt.finished_at < ${olderThan} and event.state in ('delivered', 'unattributed', 'skipped')
      order by attempt.finished_at limit ${limit})`,
  checkout_sessions: (olderThan, limit) => sql`
    delete from affitor.checkout_sessions where id in (
      select id from affitor.checkout_sessions where created_at < ${olderThan} order by created_at limit ${limit} for update skip locked)`
}

/**
 * Deletes some of what is done with and older than `days`.
 * @param limit most rows of each table, so that no statement holds others up
 * @returns rows deleted, by table
 */
export async function prune (db: Database, days: number, limit: number): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {}
  for (const [table, statement] of Object.entries(prunable)) {
    const { rowCount } = await db.execute(statement(sql`now() - make_interval(days => ${days})`, limit))
    deleted[table] = rowCount ?? 0
  }
  return deleted
}
