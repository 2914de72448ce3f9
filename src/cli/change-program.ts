import type { ProvidedConfig } from '../service/config.js'
import { changeProgram } from '../service/database/change-program.js'
import { openForCommand } from '../service/database/for-command.js'
import { runIfEntry } from '../service/run.js'
import { readArguments } from './arguments.js'

const USAGE = `Usage: npm run change-program

Moves the database to the Affitor program that AFFITOR_PROGRAM_ID names, after which the service starts with it. The
service must be stopped, and nothing may wait for the former program.`

export async function run (provide: () => Promise<ProvidedConfig>): Promise<void> {
  readArguments({}, USAGE)
  const provided = await provide()
  const { config } = provided
  const { checks, outcome } = changeProgram(config)
  const { close } = await openForCommand(provided, checks)
  await close()
  const changed = outcome()
  if (changed === undefined) {
    console.log(`The database is for program ${config.AFFITOR_PROGRAM_ID} already.`)
    return
  }
  console.log(`The database was for program ${changed.from} and is for program ${config.AFFITOR_PROGRAM_ID} now. Refunds of sales that the former ` +
    'one was told are not known to the new one, and renewals of what was bought under the former one are not counted.')
  if (changed.needingAttention > 0) {
    console.log(`Facts that need attention: ${changed.needingAttention}. To retry one would tell it to the new program.`)
  }
}

await runIfEntry(import.meta.url, run)
