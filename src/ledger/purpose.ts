/** What a database is for. Facts of one purpose are never told to Affitor under another. */
export interface Purpose {
  mode: 'sandbox' | 'live'
  affitorProgramId: string
  /** Whether the Stripe key is a live one. */
  stripeLivemode: boolean
}

/** What a person does about a database that is for something else, in sentences. */
export interface WaysOut {
  /** Where else the data could be. */
  elsewhere: string
  /** How to stay with, or leave, the program that the database is for. */
  changeProgram (found: string): string
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
 * @throws {OtherPurposeError} when the database is for something else than `wanted`
 */
export function refuseOther (found: Purpose, wanted: Purpose, waysOut: WaysOut, database: string): void {
  const difference = differenceOf(found, wanted)
  if (difference === undefined) return
  throw new OtherPurposeError(`The database ${database} is for ${describe(found)}, and the configuration is for ${describe(wanted)}: ` +
    `${harmOf(difference, wanted)} ${difference === 'affitorProgramId' ? waysOut.changeProgram(found.affitorProgramId) : waysOut.elsewhere}`)
}

function harmOf (difference: keyof Purpose, wanted: Purpose): string {
  if (difference === 'affitorProgramId') return 'what waits in it would be told to the wrong program.'
  if (difference === 'mode') {
    return wanted.mode === 'sandbox'
      ? 'what is real in it would be told to the stand-ins instead of Affitor.'
      : 'what was made up in it would be told to Affitor.'
  }
  return wanted.stripeLivemode
    ? 'test payments in it would be told to Affitor as real ones.'
    : 'real payments in it would be told to Affitor as tests, which earn nobody a commission.'
}

function describe ({ mode, affitorProgramId, stripeLivemode }: Purpose): string {
  return mode === 'sandbox' ? 'a sandbox' : `Affitor program ${affitorProgramId} with a Stripe ${stripeLivemode ? 'live' : 'test'} key`
}
