import { main } from '../../src/run.js'
import { runCycle } from './cycle.js'
import { readOptions, replayCommand } from './options.js'
import type { Options } from './options.js'
import { Report } from './report.js'
import { setStage } from './stage.js'

/**
 * Breaks things while customers sign up, pay and are refunded, and then looks whether Affitor holds each fact exactly
 * once and in order: `npm run torture -- [--faults kill|database|all] [--cycles N] [--seed S] [--real-leases]`.
 *
 * All choices come from the seed. When a process gets to run does not, so the same seed is a very similar run, not
 * the same one.
 */
await main(async () => {
  const options = readOptions(process.argv.slice(2))
  const closers: Array<() => Promise<unknown>> = []
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => { void close().finally(() => process.exit(130)) })
  }
  try {
    const violations = await torture(options, closers)
    for (const violation of violations) console.error(`VIOLATED: ${violation}`)
    console.log(`${violations.length === 0 ? 'Every promise was kept.' : `${violations.length} violations.`} The same choices again: ${replayCommand(options)}`)
    process.exitCode = violations.length === 0 ? 0 : 1
  } finally {
    await close()
  }
})

/** Ends with the first cycle in which something was violated. @returns what was */
async function torture (options: Options, closers: Array<() => Promise<unknown>>): Promise<string[]> {
  console.log(replayCommand(options))
  const stage = await setStage(options, closers)
  const report = new Report(stage)
  let violations: string[] = []
  for (let cycle = 1; cycle <= options.cycles && violations.length === 0; cycle++) {
    const result = await runCycle(stage, cycle, options)
    report.cycle(cycle, result)
    violations = result.violations
  }
  await report.summary()
  return violations
}
