export type TrackingEndpoint = 'click' | 'lead' | 'sale' | 'refund'

/** One call of a tracking endpoint, as it arrived. */
export interface TrackingCall {
  id: number
  endpoint: TrackingEndpoint
  path: string
  /** The parsed body; null while it is read, and when it was not JSON. */
  body: unknown
  /** Whether the call carried an Authorization header. Its value is never kept. */
  authorization: boolean
  /** The status answered; null while the call runs, and when the connection was dropped. */
  status: number | null
  /** Whether the call changed what is recorded. */
  recorded: boolean
  /** ISO 8601, UTC */
  at: string
}

// A load test makes millions of calls; the log keeps the latest of them.
const MAX_CALLS = 10_000

/** The tracking calls in the order of their arrival. Held in memory only. */
export class CallLog {
  #calls: TrackingCall[] = []
  #count = 0

  add (call: Omit<TrackingCall, 'id'>): TrackingCall {
    this.#count += 1
    const added = { id: this.#count, ...call }
    this.#calls.push(added)
    // Cut in steps: one element at a time would copy the array at each call.
    if (this.#calls.length >= 2 * MAX_CALLS) this.#calls = this.#calls.slice(-MAX_CALLS)
    return added
  }

  /** Number of calls since the start or the last `clear`, those included that the log has dropped. */
  get count (): number { return this.#count }

  /** The latest calls, oldest first. */
  list (): TrackingCall[] {
    return this.#calls.slice(-MAX_CALLS)
  }

  clear (): void {
    this.#calls = []
    this.#count = 0
  }
}
