import { commandOf } from '../harness/options.js'
import { runTool } from '../harness/tool.js'
import { runCycle } from './cycle.js'
import { command } from './options.js'
import type { Options } from './options.js'
import { Report } from './report.js'
import { set } from './setting.js'
import type { Setting } from './setting.js'

/**
 * All choices come from the seed. When a process gets to run does not, so the same seed is a very similar run, not
 * the same one.
 */
await runTool(command, set, async (setting, options) => {
  const violations = await torture(setting, options)
  for (const violation of violations) console.error(`VIOLATED: ${violation}`)
  console.log(`${violations.length === 0 ? 'Every promise was kept.' : `${violations.length} violations.`} The same choices again: ${commandOf(command, options)}`)
  return violations.length === 0
})

/** Ends with the first cycle in which something was violated. @returns what was */
async function torture (setting: Setting, options: Options): Promise<string[]> {
  const report = new Report(setting)
  let violations: string[] = []
  for (let cycle = 1; cycle <= options.cycles && violations.length === 0; cycle++) {
    const result = await runCycle(setting, cycle, options)
    report.cycle(cycle, result)
    violations = result.violations
  }
  await report.summary()
  return violations
}
