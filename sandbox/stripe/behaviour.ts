import { BehaviourSwitch } from '../behaviour.js'

/** How the stand-in misbehaves on purpose. */
export interface Behaviour {
  /** Every API answer waits so long, in milliseconds. */
  latencyMs?: number
  /** API requests are answered with this error status. */
  failStatus?: number
  /** API requests get no answer: the connection is closed. */
  dropConnection?: boolean
  /** How many API requests are affected; without it, all until the behaviour is reset. */
  times?: number
  /** Events are stored and not sent until they are released. */
  holdWebhooks?: boolean
  /** What the API key may do, as a restricted key: `charge_read`, `checkout_session_write`; to write is to read too. Absent: everything. */
  permissions?: string[]
  /** How far the clock that answers tell in their `Date` header is ahead of this machine's, in seconds; negative: behind. */
  clockAheadSeconds?: number
}

/** The misbehaviour in force. When the API requests of `times` are used up, `holdWebhooks` and `permissions` stay. */
export class StripeBehaviour extends BehaviourSwitch<Behaviour> {
  /** `times`: what is left of it. */
  override get current (): Behaviour {
    return this.remaining === undefined ? super.current : { ...super.current, times: this.remaining }
  }
}
