import { parseArgs } from 'node:util'

export interface Options {
  /** Small numbers, one round: whether everything runs and answers what it should. Its figures mean little. */
  quick: boolean
  /** Names of the rows to be measured; empty: all. */
  only: string[]
  /** Take CPU profiles of the service's processes and print where their time went. */
  profile: boolean
}

/**
 * Reads the command line: `[--quick] [--only NAME]... [--profile]`.
 * @param known the names of all rows
 * @throws with a sentence about what is wrong
 */
export function readOptions (args: string[], known: string[]): Options {
  const { values: { quick, only, profile } } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      profile: { type: 'boolean', default: false }
    }
  })
  const unknown = only.find(name => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--only must be one of ${known.join(', ')}, not ${unknown}.`)
  return { quick, only, profile }
}

/** The command that measures the same again. */
export function commandOf ({ quick, only, profile }: Options): string {
  const flags = [...(quick ? ['--quick'] : []), ...only.map(name => `--only ${name}`), ...(profile ? ['--profile'] : [])]
  return ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ')
}
