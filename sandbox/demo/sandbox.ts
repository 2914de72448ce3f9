import type { TrackingEvent } from '../../schemas/tracking.js'

/** A running sandbox: the service and its two stand-ins. */
export interface Sandbox {
  api: string
  affitor: string
  stripe: string
  /** Sends JSON; resolves to the body. Anything but a 2xx is an error. */
  call <T>(url: string, body?: unknown, token?: string): Promise<T>
  /** The tracking events of one customer, oldest first. */
  ledger (customerKey: string): Promise<TrackingEvent[]>
  stop (): Promise<void>
}

export interface SandboxAddresses {
  api: string
  affitor: string
  stripe: string
  adminToken: string
}

export function sandboxAt ({ api, affitor, stripe, adminToken }: SandboxAddresses, stop: () => Promise<void>): Sandbox {
  async function call<T> (url: string, body?: unknown, token?: string): Promise<T> {
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
      }
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`)
    return JSON.parse(text) as T
  }
  return {
    api,
    affitor,
    stripe,
    call,
    async ledger (customerKey) {
      const query = new URLSearchParams({ customerKey })
      const page = await call<{ events: TrackingEvent[] }>(`${api}/api/tracking/events?${query}`, undefined, adminToken)
      return page.events.reverse()
    },
    stop
  }
}
