import type pg from 'pg'
import { addressOf } from '../db/migrate.js'
import type { MigrationChecks } from '../db/migrate.js'
import { OtherPurposeError, refuseOther } from './purpose.js'
import type { Purpose, WaysOut } from './purpose.js'

/**
 * Holds a database to its purpose: the first start writes it down, and a later one for something else is refused
 * before anything is changed.
 */
export function keepPurpose (purpose: Purpose, waysOut: WaysOut): MigrationChecks {
  async function refuse (client: pg.ClientBase): Promise<Purpose | undefined> {
    const found = await readPurpose(client)
    if (found !== undefined) refuseOther(found, purpose, waysOut, addressOf(client))
    return found
  }

  return {
    async before (client) {
      if (await refuse(client) === undefined && purpose.mode === 'sandbox' && await isUsed(client)) {
        throw new OtherPurposeError(`The database ${addressOf(client)} holds customers or payments, and nothing in it shows that a sandbox ` +
          `made them up, so the sandbox leaves it alone. ${waysOut.elsewhere}`)
      }
    },
    async after (client) {
      // Of two first starts the second finds the other's row.
      if (await refuse(client) !== undefined) return
      await client.query('insert into affitor.installation (mode, affitor_program_id, stripe_livemode) values ($1, $2, $3)',
        [purpose.mode, purpose.affitorProgramId, purpose.stripeLivemode])
    }
  }
}

/** What the database is for; undefined before the first start. */
export async function readPurpose (client: pg.ClientBase): Promise<Purpose | undefined> {
  if (!await hasTable(client, 'affitor.installation')) return undefined
  const { rows: [row] } = await client.query<Purpose>(
    'select mode, affitor_program_id as "affitorProgramId", stripe_livemode as "stripeLivemode" from affitor.installation')
  return row
}

/** Whether facts or events were stored before any start: by SQL, in a database that was only migrated. */
async function isUsed (client: pg.ClientBase): Promise<boolean> {
  if (!await hasTable(client, 'affitor.tracking_events')) return false
  const { rows: [row] } = await client.query<{ used: boolean }>(
    'select exists (select from affitor.tracking_events) or exists (select from affitor.stripe_events) as used')
  return row?.used === true
}

async function hasTable (client: pg.ClientBase, name: string): Promise<boolean> {
  const { rows: [table] } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [name])
  return table?.found === true
}
