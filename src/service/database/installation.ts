import type pg from 'pg'
import type { Config } from '../config.js'
import { lookInto } from './holdings.js'
import { addressOf } from '../../db/migrate.js'
import type { MigrationChecks } from '../../db/migrate.js'
import { OtherPurposeError, elsewhere, purposeOf, refuseOther } from './purpose.js'
import type { Purpose } from './purpose.js'

/**
 * Holds a database to its purpose: the first start writes it down, and a later one for something else is refused
 * before anything is changed. A database from before this was kept becomes the configuration's, unless what lies
 * in it shows otherwise.
 */
export function keepPurpose (config: Config): MigrationChecks {
  return {
    async before (client) {
      const found = await readPurpose(client)
      if (found === undefined) await refuseUnlabelled(client, config)
      else refuseOther(found, config, addressOf(client))
    },
    async after (client) {
      if (await readPurpose(client) !== undefined) return
      const { mode, affitorProgramId, stripeLivemode } = purposeOf(config)
      await client.query('insert into installation (mode, affitor_program_id, stripe_livemode) values ($1, $2, $3) on conflict do nothing',
        [mode, affitorProgramId, stripeLivemode])
      // Behind a pooler the lock may not keep two first starts apart: the row does.
      const written = await readPurpose(client)
      if (written !== undefined) refuseOther(written, config, addressOf(client))
    }
  }
}

/** What the database is for; undefined before the first start. */
export async function readPurpose (client: pg.Client): Promise<Purpose | undefined> {
  const { rows: [table] } = await client.query<{ found: boolean }>("select to_regclass('installation') is not null as found")
  if (table?.found !== true) return undefined
  const { rows: [row] } = await client.query<Purpose>(
    'select mode, affitor_program_id as "affitorProgramId", stripe_livemode as "stripeLivemode" from installation')
  return row
}

async function refuseUnlabelled (client: pg.Client, config: Config): Promise<void> {
  const { foreign, used, sandbox, livemodes } = await lookInto(client)
  const wanted = purposeOf(config)
  if (config.mode === 'sandbox') {
    if (foreign.length > 0) {
      throw new OtherPurposeError(`The database ${addressOf(client)} holds what is not this program's (${foreign.slice(0, 3).join(', ')}` +
        `${foreign.length > 3 ? ', ...' : ''}), so the sandbox leaves it alone. ${elsewhere(config)}`)
    }
    if (used && !sandbox) {
      throw new OtherPurposeError(`The database ${addressOf(client)} holds customers or payments, and nothing in it shows that a sandbox ` +
        `made them up, so the sandbox leaves it alone. ${elsewhere(config)}`)
    }
    return
  }
  if (sandbox) refuseOther({ ...wanted, mode: 'sandbox' }, config, addressOf(client))
  if (livemodes.includes(!wanted.stripeLivemode)) refuseOther({ ...wanted, stripeLivemode: !wanted.stripeLivemode }, config, addressOf(client))
}
