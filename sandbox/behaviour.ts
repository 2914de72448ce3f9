/**
 * How a stand-in misbehaves on purpose: until it is changed, or for a number of calls. What the behaviours are is each
 * stand-in's own; an empty object is normal service.
 */
export class BehaviourSwitch<Behaviour extends { times?: number }> {
  #current: Partial<Behaviour> = {}
  #remaining: number | undefined

  /** As it was set. */
  get current (): Partial<Behaviour> { return this.#current }

  /** Calls left; undefined when it applies until it is changed. */
  get remaining (): number | undefined { return this.#remaining }

  /** Replaces the behaviour. `{}` is normal service. */
  set (behaviour: Partial<Behaviour>): void {
    this.#current = behaviour
    this.#remaining = behaviour.times
  }

  /** The behaviour for one call that has arrived; it uses up one of `times`. */
  use (): Partial<Behaviour> {
    if (this.#remaining === undefined) return this.#current
    if (this.#remaining <= 0) return {}
    this.#remaining -= 1
    return this.#current
  }
}
