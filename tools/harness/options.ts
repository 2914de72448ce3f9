import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

/** One option of a command line; its name is that of the property, `longStopEvery` being `--long-stop-every`. */
export interface Option<Value> {
  /** What it is for, in a few words, for `--help`. */
  what: string
  /** What stands behind its name; absent for a switch. */
  hint?: string
  isList?: boolean
  fallback: Value
  /** Instead of the fallback in `--help`. */
  shown?: string
  /** @throws with what it must be, to stand behind its name */
  read (text: string): Value
}

export interface Command<Options> {
  /** Such as `npm run soak`. */
  command: string
  what: string
  options: { [Name in keyof Options]: Option<Options[Name]> }
}

export function onOff (what: string): Option<boolean> {
  return { what, fallback: false, read: () => true }
}

export function wholeNumber (what: string, fallback: number, least: number): Option<number> {
  return { what, hint: 'N', fallback, read: text => numberFrom(text, value => Number.isSafeInteger(value) && value >= least, `a whole number from ${least}`) }
}

export function positive (what: string, fallback: number): Option<number> {
  return { what, hint: 'N', fallback, read: text => numberFrom(text, value => value > 0 && value < Infinity, 'a number above 0') }
}

export function oneOf<Choice extends string> (what: string, choices: readonly Choice[], fallback: Choice): Option<Choice> {
  return { what, hint: choices.join('|'), fallback, read: text => choiceFrom(text, choices) }
}

/** May be given several times; none of them by default. */
export function anyOf (what: string, choices: readonly string[]): Option<string[]> {
  return { what, hint: choices.join('|'), isList: true, fallback: [], read: text => [choiceFrom(text, choices)] }
}

function numberFrom (text: string, isGood: (value: number) => boolean, wanted: string): number {
  if (text.trim() === '' || !isGood(Number(text))) throw new Error(`must be ${wanted}, not ${text}.`)
  return Number(text)
}

function choiceFrom<Choice extends string> (text: string, choices: readonly Choice[]): Choice {
  const found = choices.find(choice => choice === text)
  if (found === undefined) throw new Error(`must be one of ${choices.join(', ')}, not ${text}.`)
  return found
}

/**
 * Reads a command line. With `--help`, prints every option and ends the process.
 * @throws with a sentence about what is wrong
 */
export function readOptions<Options extends object> (args: string[], command: Command<Options>): Options {
  const options = Object.entries<Option<unknown>>(command.options)
  const known: ParseArgsConfig['options'] = { help: { type: 'boolean' } }
  for (const [name, { hint, isList = false }] of options) known[flag(name)] = { type: hint === undefined ? 'boolean' : 'string', multiple: isList }
  const { values } = parseArgs({ args, options: known })
  if (values.help === true) {
    console.log(help(command))
    process.exit(0)
  }
  return Object.fromEntries(options.map(([name, { fallback, read }]) => {
    const given = values[flag(name)]
    try {
      if (Array.isArray(given)) return [name, given.flatMap(text => read(String(text)))]
      return [name, given === undefined ? fallback : read(String(given))]
    } catch (error) {
      throw new Error(`--${flag(name)} ${(error as Error).message}`)
    }
  })) as Options
}

/** The command that makes the same choices again. */
export function commandOf<Options extends object> ({ command, options }: Command<Options>, values: Options): string {
  const flags = (Object.keys(options) as Array<keyof Options & string>).flatMap(name => {
    const value = values[name]
    if (typeof value === 'boolean') return value ? [`--${flag(name)}`] : []
    return [value].flat().map(one => `--${flag(name)} ${String(one)}`)
  })
  return [command, ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ')
}

/** Every option with what it is for, and its default. */
export function help<Options extends object> ({ command, what, options }: Command<Options>): string {
  const lines = Object.entries<Option<unknown>>(options).map(([name, { what, hint, fallback, shown = String(fallback), isList }]) => [
    `--${flag(name)}${hint === undefined ? '' : ` ${hint}`}`, `${what}${hint === undefined || isList === true ? '' : ` (${shown})`}`
  ])
  const width = Math.max(...lines.map(([name = '']) => name.length))
  return [`Usage: ${command} -- [options]`, '', what, '', ...lines.map(([name = '', text]) => `  ${name.padEnd(width)}  ${text}`)].join('\n')
}

function flag (name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
