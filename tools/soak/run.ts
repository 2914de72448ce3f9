import { platform } from 'node:os'
import { main } from '../../src/run.js'
import { judgeOverload, judgeSoak } from './judge.js'
import { readOptions } from './options.js'
import type { Options } from './options.js'
import { overload } from './overload.js'
import { printMachine, printOverload, printSoak } from './print.js'
import { soak } from './soak.js'
import { setStage } from './stage.js'
import type { Stage } from './stage.js'

/**
 * Loads the service: `npm run soak -- --minutes 10` steadily, and then compares the last third with the first;
 * `npm run soak -- --overload` with five times what it can do. Exits with 1 when a limit was violated.
 */
await main(async () => {
  const options = readOptions(process.argv.slice(2))
  if (platform() !== 'linux') throw new Error('The soak reads /proc, so it needs Linux.')
  const closers: Array<() => Promise<unknown>> = []
  const stop = new AbortController()
  // What is under way ends by itself then, so that everything is removed in one place, below.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { stop.abort() })
  try {
    printMachine()
    const stage = await setStage(closers)
    stop.signal.throwIfAborted()
    const violations = options.overload ? await runOverload(stage, stop.signal) : await runSoak(stage, options, stop.signal)
    const lastWords = await stage.service.lastWords()
    if (lastWords !== undefined) violations.unshift(`the service ended by itself: ${lastWords}`)
    for (const violation of violations) console.error(`VIOLATED: ${violation}`)
    console.log(violations.length === 0 ? '\nEvery limit was kept.' : `\n${violations.length} violations.`)
    process.exitCode = violations.length === 0 ? 0 : 1
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = 130
  } finally {
    for (const end of closers.reverse()) await end()
  }
})

/** @returns what was violated */
async function runSoak (stage: Stage, options: Options, signal: AbortSignal): Promise<string[]> {
  const result = await soak(stage, options, signal)
  printSoak(result, options)
  return judgeSoak(result)
}

/** @returns what was violated */
async function runOverload (stage: Stage, signal: AbortSignal): Promise<string[]> {
  const { traffic, ledger } = stage
  const signups = await overload(stage, { what: 'signups', atOnce: 8, accepts: 201, ask: () => traffic.signUp() }, signal)
  printOverload(signups)
  const webhooks = await overload(stage, { what: 'webhooks', atOnce: 64, accepts: 200, ask: () => traffic.pay() }, signal)
  printOverload(webhooks)
  const [users, events] = [await ledger.users(), new Set((await ledger.stripeEvents()).map(event => event.id))]
  return [
    ...judgeOverload(signups),
    ...judgeOverload(webhooks),
    ...[...traffic.book.signups.keys()].filter(id => !users.has(id)).map(id => `LOST: the signup ${id} was accepted`),
    ...[...traffic.book.events.keys()].filter(id => !events.has(id)).map(id => `LOST: the event ${id} was accepted`)
  ]
}
