/** An API request, as a test may want to look at it. */
export interface ApiRequest {
  method: string
  /** Path and query. */
  url: string
  /** The `Stripe-Account` header, or null. */
  account: string | null
}

/** The newest requests to the API. */
export interface RequestLog {
  add (request: ApiRequest): void
  /** Oldest first. */
  all (): ApiRequest[]
  clear (): void
}

/** A log of the last `size` requests, in memory only. */
export function requestLog (size = 1000): RequestLog {
  const kept: ApiRequest[] = []
  return {
    add (request) {
      kept.push(request)
      if (kept.length > size) kept.shift()
    },
    all: () => [...kept],
    clear () { kept.length = 0 }
  }
}
