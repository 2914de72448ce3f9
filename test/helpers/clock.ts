import { withClient } from './postgres-server.js'
import type { TestLedger } from './ledger.js'

/** A database whose time a test sets. */
export interface DatabaseClock {
  /** For programs that are to live in that time. */
  connectionString: string
  /** Moves the time on. */
  advance (ledger: TestLedger, seconds: number): Promise<void>
}

/**
 * Puts a clock of the test's own before PostgreSQL's: a `now()` that the program's SQL finds first. It takes no other
 * clock for leases and backoff, so three days pass as fast as the work in them is done.
 */
export async function injectClock (connectionString: string): Promise<DatabaseClock> {
  await withClient(connectionString, client => client.query(`
    create schema clock;
    create table clock.ahead (seconds double precision not null);
    insert into clock.ahead values (0);
    create function clock.now() returns timestamptz stable language sql
      as 'select pg_catalog.now() + make_interval(secs => seconds) from clock.ahead'`))
  const url = new URL(connectionString)
  url.searchParams.set('options', '-c search_path=clock,pg_catalog,affitor,affitor_service,public')
  return {
    connectionString: url.href,
    async advance (ledger, seconds) {
      await ledger.query('update clock.ahead set seconds = seconds + $1', [seconds])
    }
  }
}
