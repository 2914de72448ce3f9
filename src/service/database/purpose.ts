import type { Config } from '../config.js'

/** What a database is for. Facts of one purpose are never told to Affitor under another. */
export interface Purpose {
  mode: Config['mode']
  affitorProgramId: string
  /** Whether the Stripe key is a live one. */
  stripeLivemode: boolean
}

export function purposeOf (config: Config): Purpose {
  return { mode: config.mode, affitorProgramId: config.AFFITOR_PROGRAM_ID, stripeLivemode: config.livemode }
}

/** The database is for something else than the configuration; the message says what to do. */
export class OtherPurposeError extends Error {
  override name = 'OtherPurposeError'
}

/** What differs, the gravest first; undefined when nothing does. */
export function differenceOf (found: Purpose, wanted: Purpose): 'mode' | 'stripeLivemode' | 'affitorProgramId' | undefined {
  if (found.mode !== wanted.mode) return 'mode'
  // A sandbox has but one program, and never a live key.
  if (found.mode === 'sandbox') return undefined
  if (found.stripeLivemode !== wanted.stripeLivemode) return 'stripeLivemode'
  return found.affitorProgramId === wanted.affitorProgramId ? undefined : 'affitorProgramId'
}

/**
 * @param database its name and address
 * @throws {OtherPurposeError} when the database is for something else than `config`
 */
export function refuseOther (found: Purpose, config: Config, database: string): void {
  const wanted = purposeOf(config)
  const difference = differenceOf(found, wanted)
  if (difference === undefined) return
  throw new OtherPurposeError(`The database ${database} is for ${describe(found)}, and the configuration is for ${describe(wanted)}: ` +
    wayOut(difference, found, config))
}

/** Where else the data could be, as a person would set it. */
export function elsewhere ({ mode, otherDatabase }: Config): string {
  if (otherDatabase !== undefined) return otherDatabase
  return mode === 'sandbox'
    ? 'Remove DATABASE_URL, and the sandbox takes a database of its own, or set it to an empty database.'
    : 'Set DATABASE_URL to an empty database.'
}

function wayOut (difference: keyof Purpose, found: Purpose, config: Config): string {
  if (difference === 'affitorProgramId') {
    return `what waits in it would be told to the wrong program. Set AFFITOR_PROGRAM_ID to ${found.affitorProgramId} again; ` +
      `or stop the service and move the database to program ${config.AFFITOR_PROGRAM_ID} for good by \`npm run change-program\`.`
  }
  if (difference === 'mode') {
    return config.mode === 'sandbox'
      ? `what is real in it would be told to the stand-ins instead of Affitor. ${elsewhere(config)}`
      : `what was made up in it would be told to Affitor. ${elsewhere(config)}`
  }
  return config.livemode
    ? `test payments in it would be told to Affitor as real ones. ${elsewhere(config)}`
    : `real payments in it would be told to Affitor as tests, which earn nobody a commission. ${elsewhere(config)}`
}

function describe ({ mode, affitorProgramId, stripeLivemode }: Purpose): string {
  return mode === 'sandbox' ? 'a sandbox' : `Affitor program ${affitorProgramId} with a Stripe ${stripeLivemode ? 'live' : 'test'} key`
}
