import { anyOf, onOff } from '../harness/options.js'
import type { Command } from '../harness/options.js'
import { rows } from './rows/index.js'

export interface Options {
  quick: boolean
  /** Names of the rows to be measured; empty: all. */
  only: string[]
  profile: boolean
}

export const command: Command<Options> = {
  command: 'npm run bench',
  what: 'Measures the service against limits and against what people would use instead, and fails when a side did not do its work.',
  options: {
    quick: onOff('small numbers, one round: whether everything runs and answers what it should; its figures mean little'),
    only: anyOf('one row; may be given several times', rows.map(({ name }) => name)),
    profile: onOff('print where the time of the service\'s processes went; keeps no figures')
  }
}
