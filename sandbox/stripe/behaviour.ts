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
}

/** The misbehaviour in force. */
export interface BehaviourSwitch {
  get (): Behaviour
  set (behaviour: Behaviour): void
  reset (): void
  /** What the next API request has to suffer; counts it. */
  take (): Behaviour
}

/** A switch that starts with good behaviour. */
export function behaviourSwitch (): BehaviourSwitch {
  let current: Behaviour = {}
  return {
    get: () => ({ ...current }),
    set (behaviour) { current = { ...behaviour } },
    reset () { current = {} },
    take () {
      if (current.times === undefined) return current
      if (current.times <= 0) return {}
      current.times--
      return current
    }
  }
}
