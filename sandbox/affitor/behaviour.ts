import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { BehaviourSwitch } from '../behaviour.js'
import type { TrackingEndpoint } from './calls.js'
import type { Body } from './read.js'

const Milliseconds = Type.Number({ minimum: 0, maximum: 600_000 })
const FailureStatus = Type.Integer({ minimum: 400, maximum: 599 })

/** How the tracking endpoints misbehave. An empty object is normal service. */
export const BehaviourSchema = Type.Object({
  latencyMs: Type.Optional(Type.Union([Milliseconds, Type.Object({ min: Milliseconds, max: Milliseconds }, { additionalProperties: false })], {
    description: 'Milliseconds of waiting before a call is handled'
  })),
  failStatus: Type.Optional(Type.Integer({ ...FailureStatus, description: 'Answered, and nothing is recorded' })),
  failAfterRecording: Type.Optional(Type.Integer({
    ...FailureStatus, description: 'Answered after recording. 500 on a sale is "Failed to create commission": the sale is stored without one'
  })),
  retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0, description: 'Retry-After header of failures and pages' })),
  refuseKey: Type.Optional(Type.Boolean({ description: 'Every Bearer key is answered 401' })),
  dropConnection: Type.Optional(Type.Union([Type.Literal('before'), Type.Literal('after')], {
    description: 'The connection is destroyed before or after recording. `before` on all endpoints: the tracker script and the verification endpoints are gone too'
  })),
  page: Type.Optional(Type.Union([Type.Literal('before'), Type.Literal('after')], {
    description: 'A web page, such as a proxy\'s, is answered in place of the answer, before or after recording: with failStatus, else 200'
  })),
  times: Type.Optional(Type.Integer({ minimum: 1, description: 'Number of calls it applies to. Absent: until it is changed' })),
  endpoints: Type.Optional(Type.Array(
    Type.Union([Type.Literal('click'), Type.Literal('lead'), Type.Literal('sale'), Type.Literal('refund')]),
    { minItems: 1, description: 'Absent: all four' }
  )),
  only: Type.Optional(Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1, description: 'Only calls with one of these as their customer_key, click_id or transaction_id. Absent: all'
  }))
}, { additionalProperties: false })

export type Behaviour = Static<typeof BehaviourSchema>

/** The behaviour in force. */
export class BehaviourControl extends BehaviourSwitch<Behaviour> {
  readonly #closing = new AbortController()

  constructor () {
    super()
    // Each delayed call listens, and there may be any number of them.
    setMaxListeners(0, this.#closing.signal)
  }

  /**
   * Replaces the behaviour. `{}` is normal service.
   * @throws RangeError when the latency's minimum is above its maximum
   */
  override set (behaviour: Behaviour): void {
    const { latencyMs } = behaviour
    if (typeof latencyMs === 'object' && latencyMs.min > latencyMs.max) {
      throw new RangeError('latencyMs.min must not be above latencyMs.max')
    }
    super.set(behaviour)
  }

  /** The behaviour for one call that has arrived. One that it applies to uses up one of `times`, and the last one ends it. */
  take (endpoint: TrackingEndpoint, { customer_key: key, click_id: clickId, transaction_id: transactionId }: Body): Behaviour {
    const { endpoints, only } = this.current
    if (endpoints !== undefined && !endpoints.includes(endpoint)) return {}
    if (only !== undefined && ![key, clickId, transactionId].some(id => only.includes(id as string))) return {}
    const behaviour = this.use()
    if (this.remaining === 0) this.set({})
    return behaviour
  }

  /** Waits as long as the behaviour says, or until the stand-in closes. */
  async delay ({ latencyMs }: Behaviour): Promise<void> {
    if (latencyMs === undefined) return
    const ms = typeof latencyMs === 'number' ? latencyMs : latencyMs.min + Math.random() * (latencyMs.max - latencyMs.min)
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => {})
  }

  /** Ends all waiting. */
  close (): void {
    this.#closing.abort()
  }
}
