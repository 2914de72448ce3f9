import type { BehaviourControl } from './behaviour.js'
import type { Program } from './program.js'
import type { Body } from './read.js'
import type { AffitorState } from './state.js'

/** What a tracking endpoint is called with. */
export interface TrackingCallInput {
  body: Body
  authorization: string | undefined
  userAgent: string | undefined
  /** Fail between the sale and its commission. */
  commissionFails: boolean
}

export interface SandboxContext {
  program: Program
  state: AffitorState
  behaviours: BehaviourControl
  /** Resolves when the changes are in the state file, at once when there is none. */
  save: () => Promise<void>
}
