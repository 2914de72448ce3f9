import { oneOf, wholeNumber } from '../harness/options.js'
import type { Command } from '../harness/options.js'

/** What goes wrong beside Affitor. */
export type Faults = 'kill' | 'database' | 'all'

export interface Options {
  faults: Faults
  seed: number
  cycles: number
  longStopEvery: number
}

export const command: Command<Options> = {
  command: 'npm run torture',
  what: 'Breaks things while customers sign up, pay and are refunded, and looks whether Affitor holds each fact once and in order.',
  options: {
    faults: oneOf('what goes wrong beside Affitor', ['kill', 'database', 'all'], 'kill'),
    seed: { ...wholeNumber('makes the same choices as an earlier run', Math.floor(Math.random() * 1_000_000), 0), shown: 'made up' },
    cycles: wholeNumber('how often there is a storm, and then calm', 20, 1),
    longStopEvery: wholeNumber('in one of so many cycles a worker is stopped for 30 seconds', 25, 1)
  }
}
