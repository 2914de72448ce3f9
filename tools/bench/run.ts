import { rm } from 'node:fs/promises'
import { anyOf, commandOf, onOff } from '../harness/options.js'
import type { Command } from '../harness/options.js'
import { runTool } from '../harness/tool.js'
import { describeMachine } from './machine.js'
import { topFunctions } from './profile.js'
import { describe, keep } from './report.js'
import type { Row } from './row.js'
import { rows } from './rows/index.js'
import { set } from './setting.js'
import type { Options, Setting } from './setting.js'

const command: Command<Options> = {
  command: 'npm run bench',
  what: 'Measures the service against limits and against what people would use instead, and fails when a side did not do its work.',
  options: {
    quick: onOff('small numbers, one round: whether everything runs and answers what it should; its figures mean little'),
    only: anyOf('one row; may be given several times', rows.map(({ name }) => name)),
    profile: onOff('print where the time of the service\'s processes went; keeps no figures')
  }
}

await runTool(command, set, async (setting, options) => {
  let isSane = true
  for (const row of rows) {
    if (options.only.length > 0 && !options.only.includes(row.name)) continue
    isSane = await measure(row, setting, options) && isSane
  }
  return isSane
})

/** @returns whether each side did its work, whatever the figures are */
async function measure (row: Row, setting: Setting, options: Options): Promise<boolean> {
  const { closers, postgresVersion, profiles, quick } = setting
  const { depth } = closers
  const begin = performance.now()
  const machine = describeMachine(postgresVersion)
  const report = { name: row.name, title: row.title, command: commandOf(command, options), machine, result: await row.measure(setting) }
  // Profiles are written when their processes end.
  await closers.close(depth)
  console.log(`${describe(report)}\n  in ${Math.round((performance.now() - begin) / 1_000)} s\n`)
  const isSane = report.result.problems.length === 0
  if (profiles !== undefined) {
    console.log(`${(await topFunctions(profiles)).join('\n')}\n`)
    await rm(profiles, { recursive: true, force: true })
  } else if (!quick && isSane) {
    await keep(report, rows.map(({ name }) => name))
  }
  return isSane
}
