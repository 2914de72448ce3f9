import { parseArgs } from 'node:util'

export interface Options {
  /** Overload instead of a soak. */
  overload: boolean
  /** How long the steady load lasts. */
  minutes: number
  /** Signed webhooks in a second. */
  webhooksPerSecond: number
  signupsPerSecond: number
}

/**
 * Reads the command line.
 * @throws with a sentence about what is wrong
 */
export function readOptions (args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      overload: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '10' },
      webhooks: { type: 'string', default: '200' },
      signups: { type: 'string', default: '20' }
    }
  })
  return {
    overload: values.overload,
    minutes: positive('minutes', values.minutes),
    webhooksPerSecond: positive('webhooks', values.webhooks),
    signupsPerSecond: positive('signups', values.signups)
  }
}

function positive (name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < Infinity)) throw new Error(`--${name} must be a number above 0.`)
  return value
}
