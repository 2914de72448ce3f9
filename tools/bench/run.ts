import { rm } from 'node:fs/promises'
import { main } from '../../src/run.js'
import { Closers } from '../harness/closers.js'
import { describeMachine } from './machine.js'
import { commandOf, readOptions } from './options.js'
import type { Options } from './options.js'
import { topFunctions } from './profile.js'
import { describe, keep } from './report.js'
import type { Row } from './row.js'
import { rows } from './rows/index.js'
import { setStage } from './stage.js'
import type { Stage } from './stage.js'

/**
 * Measures the service against limits and against what people would use instead:
 * `npm run bench -- [--quick] [--only NAME]... [--profile]`.
 *
 * Ends with 1 when a side did not do its work, and with 0 when it did, whatever the figures are.
 */
await main(async () => {
  const options = readOptions(process.argv.slice(2), rows.map(({ name }) => name))
  const closers = new Closers()
  const setting = setStage(options, closers)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // What is half set could not be undone. Not `once`: tsx ends a process that has no listener left.
    process.on(signal, () => { void setting.then(() => closers.close()).catch(() => {}).finally(() => process.exit(130)) })
  }
  try {
    const stage = await setting
    for (const row of rows) {
      if (options.only.length === 0 || options.only.includes(row.name)) await measure(row, stage, options)
    }
  } finally {
    await closers.close()
  }
})

async function measure (row: Row, stage: Stage, options: Options): Promise<void> {
  const { closers, postgres, profiles, quick } = stage
  const { depth } = closers
  const begin = performance.now()
  const machine = describeMachine(postgres.version)
  const report = { name: row.name, title: row.title, command: commandOf(options), machine, result: await row.measure(stage) }
  // Profiles are written when their processes end.
  await closers.close(depth)
  console.log(`${describe(report)}\n  in ${Math.round((performance.now() - begin) / 1_000)} s\n`)
  if (report.result.problems.length > 0) process.exitCode = 1
  if (profiles !== undefined) {
    console.log(`${(await topFunctions(profiles)).join('\n')}\n`)
    await rm(profiles, { recursive: true, force: true })
  } else if (!quick && report.result.problems.length === 0) {
    await keep(report, rows.map(({ name }) => name))
  }
}
