import { platform } from 'node:os'
import { runTool } from '../harness/tool.js'
import { judgeOverload, judgeSoak } from './judge.js'
import { command } from './options.js'
import type { Options } from './options.js'
import { overload } from './overload.js'
import { printMachine, printOverload, printSoak } from './print.js'
import { set } from './setting.js'
import type { Setting } from './setting.js'
import { soak } from './soak.js'

await runTool(command, async (_options, closers) => {
  if (platform() !== 'linux') throw new Error('The soak reads /proc, so it needs Linux.')
  printMachine()
  return await set(closers)
}, async (setting, options) => {
  const violations = options.overload ? await runOverload(setting) : await runSoak(setting, options)
  if (setting.service.hasEnded) violations.unshift(`the service ended by itself: ${setting.service.output}`)
  for (const violation of violations) console.error(`VIOLATED: ${violation}`)
  console.log(violations.length === 0 ? '\nEvery limit was kept.' : `\n${violations.length} violations.`)
  return violations.length === 0
})

/** @returns what was violated */
async function runSoak (setting: Setting, options: Options): Promise<string[]> {
  const result = await soak(setting, options)
  printSoak(result, options)
  return judgeSoak(result)
}

/** @returns what was violated */
async function runOverload (setting: Setting): Promise<string[]> {
  const { traffic, ledger } = setting
  const signups = await overload(setting, { what: 'signups', atOnce: 8, accepts: 201, ask: () => traffic.signUp() })
  printOverload(signups)
  const webhooks = await overload(setting, { what: 'webhooks', atOnce: 64, accepts: 200, ask: () => traffic.pay() })
  printOverload(webhooks)
  const [users, events] = [await ledger.users(), new Set((await ledger.stripeEvents()).map(event => event.id))]
  return [
    ...judgeOverload(signups),
    ...judgeOverload(webhooks),
    ...[...traffic.book.signups.keys()].filter(id => !users.has(id)).map(id => `LOST: the signup ${id} was accepted`),
    ...[...traffic.book.events.keys()].filter(id => !events.has(id)).map(id => `LOST: the event ${id} was accepted`)
  ]
}
