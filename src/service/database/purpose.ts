import type { MigrationChecks } from '../../db/migrate.js'
import { keepPurpose } from '../../ledger/installation.js'
import type { Purpose, WaysOut } from '../../ledger/purpose.js'
import type { Config } from '../config.js'
import { refuseNeighbours } from './neighbours.js'

export function purposeOf (config: Config): Purpose {
  return { mode: config.mode, affitorProgramId: config.AFFITOR_PROGRAM_ID, stripeLivemode: config.livemode }
}

/** Holds a database to what the configuration is for. */
export function keepConfigured (config: Config): MigrationChecks {
  const waysOut = waysOutOf(config)
  const { before, after } = keepPurpose(purposeOf(config), waysOut)
  return {
    async before (client) {
      await before(client)
      if (config.mode === 'sandbox') await refuseNeighbours(client, waysOut.elsewhere)
    },
    after
  }
}

function waysOutOf (config: Config): WaysOut {
  return {
    elsewhere: elsewhere(config),
    changeProgram: found => `Set AFFITOR_PROGRAM_ID to ${found} again; or stop the service and move the database to program ` +
      `${config.AFFITOR_PROGRAM_ID} for good by \`npm run change-program\`.`
  }
}

/** Where else the data could be, as a person would set it. */
function elsewhere ({ mode, otherDatabase }: Config): string {
  if (otherDatabase !== undefined) return otherDatabase
  return mode === 'sandbox'
    ? 'Remove DATABASE_URL, and the sandbox takes a database of its own, or set it to an empty database.'
    : 'Set DATABASE_URL to an empty database.'
}
