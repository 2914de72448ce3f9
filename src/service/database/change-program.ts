import type pg from 'pg'
import type { Config } from '../config.js'
import { addressOf } from '../../db/migrate.js'
import type { MigrationChecks } from '../../db/migrate.js'
import { readPurpose } from '../../ledger/installation.js'
import { OtherPurposeError, differenceOf } from '../../ledger/purpose.js'
import { keepConfigured, purposeOf } from './purpose.js'

export interface ProgramChange {
  checks: MigrationChecks
  /** Known afterwards: from which program the database was moved, and how many facts somebody may yet retry; undefined when it is the configured one's already. */
  outcome (): { from: string, needingAttention: number } | undefined
}

/**
 * Moves a database to the configured Affitor program. Everything else that it is for stays, and whatever waits in it
 * must have been told to the program that it was meant for: the service is stopped, and nothing waits.
 */
export function changeProgram (config: Config): ProgramChange {
  const { before, after } = keepConfigured(config)
  let outcome: ReturnType<ProgramChange['outcome']>
  return {
    outcome: () => outcome,
    checks: {
      async before (client) {
        if (await programLeft(client, config) === undefined) await before(client)
      },
      async after (client) {
        const from = await programLeft(client, config)
        if (from === undefined) {
          await after(client)
          return
        }
        await refuseWhileInUse(client)
        await refuseWhileWaiting(client, from)
        await client.query('update affitor.installation set affitor_program_id = $1', [config.AFFITOR_PROGRAM_ID])
        outcome = { from, needingAttention: await count(client, "affitor.tracking_events where state = 'needs_attention'") }
      }
    }
  }
}

/** The program of a database that differs from the configuration in nothing else. */
async function programLeft (client: pg.ClientBase, config: Config): Promise<string | undefined> {
  const found = await readPurpose(client)
  return found !== undefined && differenceOf(found, purposeOf(config)) === 'affitorProgramId' ? found.affitorProgramId : undefined
}

/** A process looks only when it starts: one that runs would go on with the former program. */
async function refuseWhileInUse (client: pg.ClientBase): Promise<void> {
  const connections = await count(client, "pg_stat_activity where datname = current_database() and application_name in ('fastify-affitor', 'fastify-affitor listener')")
  if (connections > 0) {
    throw new OtherPurposeError(`The service is connected to the database ${addressOf(client)}. Stop all of its processes, and run this again.`)
  }
}

async function refuseWhileWaiting (client: pg.ClientBase, from: string): Promise<void> {
  const facts = await count(client, "affitor.tracking_events where state = 'pending'")
  const events = await count(client, "affitor.stripe_events where state in ('received', 'parked')")
  if (facts + events > 0) {
    throw new OtherPurposeError(`In the database ${addressOf(client)} wait for program ${from}: facts ${facts}, Stripe events ${events}. ` +
      `Start the service with AFFITOR_PROGRAM_ID=${from} and that program's key until nothing waits, stop it, and run this again.`)
  }
}

async function count (client: pg.ClientBase, rows: string): Promise<number> {
  const { rows: [row] } = await client.query<{ count: number }>(`select count(*)::int as count from ${rows}`)
  return row?.count ?? 0
}
