import { recorded } from './answers.js'
import type { Answer } from './answers.js'
import type { TrackingEndpoint } from './calls.js'
import { programIdOnTheWire } from './program.js'
import type { Program } from './program.js'
import { additionalData } from './read.js'
import type { Body } from './read.js'
import type { AffitorState } from './state.js'

interface TestEventInput {
  kind: TrackingEndpoint
  body: Body
  /** With the key, the program is the key's; without it, the one that the call names, or none. */
  authenticated: boolean
  transactionId?: string
}

/** Makes an isolated record: no customer, sale or commission comes of it. */
export function recordTestEvent (state: AffitorState, program: Program, input: TestEventInput): Answer {
  const programId = input.authenticated ? programIdOnTheWire(program.id) : namedProgram(input.body)
  const event = state.addTestEvent({
    kind: input.kind, programId, transactionId: input.transactionId ?? null, at: program.now().toISOString()
  })
  return recorded({
    success: true,
    message: `Test ${input.kind} event tracked successfully`,
    data: { eventId: event.id, programId, test_mode: true }
  })
}

function namedProgram (body: Body): number | string | null {
  const id = additionalData(body).program_id
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  return typeof id === 'string' && id !== '' ? programIdOnTheWire(id) : null
}
