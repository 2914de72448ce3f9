import { parseArgs } from 'node:util'

/** What goes wrong beside Affitor. */
export type Faults = 'kill' | 'database' | 'all'

export interface Options {
  cycles: number
  seed: number
  faults: Faults
  /** Leases of killed workers run out by themselves, up to 60 seconds later, instead of being ended as though they had. */
  realLeases: boolean
}

const FAULTS: readonly Faults[] = ['kill', 'database', 'all']

/**
 * Reads the command line; the seed is made up unless given.
 * @throws with a sentence about what is wrong
 */
export function readOptions (args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      cycles: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      faults: { type: 'string', default: 'kill' },
      'real-leases': { type: 'boolean', default: false }
    }
  })
  const faults = FAULTS.find(name => name === values.faults)
  if (faults === undefined) throw new Error(`--faults must be one of ${FAULTS.join(', ')}.`)
  return { cycles: wholeNumber('cycles', values.cycles, 1), seed: wholeNumber('seed', values.seed, 0), faults, realLeases: values['real-leases'] }
}

function wholeNumber (name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`--${name} must be a whole number from ${least}.`)
  return value
}

/** The command that makes the same choices again. */
export function replayCommand ({ cycles, seed, faults, realLeases }: Options): string {
  return `npm run torture -- --faults ${faults} --seed ${seed} --cycles ${cycles}${realLeases ? ' --real-leases' : ''}`
}
