import { onOff, positive } from '../harness/options.js'
import type { Command } from '../harness/options.js'

export interface Options {
  overload: boolean
  minutes: number
  webhooks: number
  signups: number
}

export const command: Command<Options> = {
  command: 'npm run soak',
  what: 'Loads the service, steadily or with five times what it can do, and fails when a limit was violated.',
  options: {
    overload: onOff('overload instead of a steady load'),
    minutes: positive('how long the steady load lasts', 10),
    webhooks: positive('signed webhooks in a second', 200),
    signups: positive('signups in a second', 20)
  }
}
