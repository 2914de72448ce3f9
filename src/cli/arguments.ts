import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values']

/**
 * The options of a command. With `--help` it prints the usage, and the process ends.
 * @param args by default what the process was started with
 * @throws with what is wrong and the usage when an option is not known, or lacks its value
 */
export function readArguments<T extends Options> (options: T, usage: string, args: string[] = process.argv.slice(2)): Values<T> {
  try {
    const { values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } } })
    if ((values as { help?: boolean }).help !== true) return values as Values<T>
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error })
  }
  console.log(usage)
  process.exit(0)
}
