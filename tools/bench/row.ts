import type { Setting } from './setting.js'

/** One of the things that are compared. */
export interface Side {
  /** `ours`: this program; `limit`: what nothing could be better than; `other`: what people would use instead. */
  role: 'ours' | 'limit' | 'other'
  what: string
  /** `/s` for a rate, otherwise `ms` or `MB`. */
  unit: '/s' | 'ms' | 'MB'
  /** One figure a round. */
  rounds: number[]
}

/** What must be reached, of one figure a round; their median counts. */
export interface Target {
  what: string
  /** `×` for a ratio. */
  unit: '×' | '/s' | 'ms' | 'MB'
  rounds: number[]
  atLeast?: number
  atMost?: number
}

export interface Result {
  sides: Side[]
  targets: Target[]
  /** What a reader must know beside the figures. */
  notes: string[]
  /** What is not as it must be: a wrong answer, a lost row, a call made twice. Empty for a sane run. */
  problems: string[]
}

/** One row of the table. */
export interface Row {
  name: string
  title: string
  /** Starts what it needs, measures all sides in turns, and looks whether each did its work. */
  measure (setting: Setting): Promise<Result>
}
