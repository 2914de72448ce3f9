import fc from 'fast-check'
import type { Buyer, Stage } from '../order/stage.js'
import { calmDown } from './calm.js'
import { compare } from './compare.js'
import * as later from './later.js'
import * as purchases from './purchases.js'
import { ordinary } from './rules.js'
import * as trouble from './trouble.js'
import { newWorld } from './world.js'
import type { Command } from './world.js'

const { ourCheckout, otherPages, renew, refund, dispute, settleRefund, failRefund, appeal, deliver, work, fault, timePasses, retry, hold } = { ...purchases, ...later, ...trouble }

/** Those named again come more often. */
const KINDS: Array<fc.Arbitrary<Command>> = [
  ...Object.values(purchases), ...Object.values(later),
  ...Object.values(trouble).filter((each): each is fc.Arbitrary<Command> => each instanceof fc.Arbitrary),
  ourCheckout, ourCheckout, ourCheckout, otherPages, otherPages, renew, refund, refund, refund, refund, refund, dispute, dispute, settleRefund, failRefund,
  appeal, deliver, deliver, deliver, deliver, work, work, fault, fault, fault, timePasses, timePasses, retry, hold
]

export interface HuntOptions {
  seed: number
  /** Ends after so many commands. */
  commands: number
  /** Ends after so long, in milliseconds. */
  timeMs?: number
  /** Of a failed run, to see it again. */
  path?: string
  replayPath?: string
  /** Told now and then how far it is. */
  onRun?: (commands: number, runs: number) => void
}

/** @returns what was done, and how often facts ended how; @throws Error with the smallest failing commands, and with seed and path to replay them */
export async function hunt (stage: Stage, { seed, commands, timeMs = Infinity, path, replayPath, onRun }: HuntOptions) {
  const found = { commands: 0, runs: 0, ends: new Map<string, number>() }
  const end = performance.now() + timeMs
  let failed = false
  let isOrdinary = false
  const journeys = fc.commands(KINDS, { maxCommands: 60, size: 'max', ...(replayPath && { replayPath }) })
  const property = fc.asyncProperty(fc.array(fc.constantFrom(true, true, false), { minLength: 1, maxLength: 2 }), journeys, async (clicked, journey) => {
    // What is left after the end is not run; a failure is made smaller all the same.
    if (!failed && (found.commands >= commands || performance.now() > end)) return
    await stage.clear()
    await stage.hold()
    if (!isOrdinary) await stage.restart(trouble.variablesOf(ordinary))
    const buyers: Buyer[] = []
    for (const click of clicked) buyers.push(await stage.signUp({ clicked: click }))
    const world = newWorld(stage, buyers)
    isOrdinary = false
    try {
      await fc.asyncModelRun(() => ({ model: world.model, real: world }), journey)
      await calmDown(world)
      await compare(world)
      const settled = await stage.ledger()
      await stage.query("update stripe_events set state = 'received', next_attempt_at = now()")
      await calmDown(world)
      assertSame(await stage.ledger(), settled)
      for (const { kind, state, reason } of settled) {
        const end = `${kind} ${state}${reason === null ? '' : ` ${reason}`}`
        found.ends.set(end, (found.ends.get(end) ?? 0) + 1)
      }
    } catch (error) {
      if (!failed) console.error(`A journey failed; it is made smaller: ${error instanceof Error ? error.message : String(error)}`)
      failed = true
      throw error
    }
    isOrdinary = world.model.settings === ordinary
    found.commands += world.done
    found.runs++
    onRun?.(found.commands, found.runs)
  })
  await fc.assert(property, { seed, numRuns: Math.max(100, commands), ...(path && { path }) })
  return found
}

function assertSame (found: unknown[], settled: unknown[]): void {
  if (JSON.stringify(found) !== JSON.stringify(settled)) throw new Error(`Reading all events again changed the ledger: ${JSON.stringify({ settled, found })}`)
}
