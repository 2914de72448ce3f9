import { sql } from 'drizzle-orm'

/**
 * Within a statement or transaction: its commit does not wait for the disk. If PostgreSQL crashes within about half a
 * second, it may never have happened, whole. https://www.postgresql.org/docs/current/wal-async-commit.html
 *
 * For what is done again after such a crash, with the same result: reading a stored event, and storing Affitor's answer,
 * which is as though the answer had been lost on its way. Claiming a fact for delivery does wait, and takes everything
 * before it to the disk too: a call is never made of what may vanish.
 */
export const doNotWaitForDisk = sql`set_config('synchronous_commit', 'off', true)`
