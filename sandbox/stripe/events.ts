import type Stripe from 'stripe'
import { claim, currentAccount } from './account.js'
import { newId, unixSeconds } from './ids.js'
import { event, withFirstLines } from './objects/index.js'
import type { EventObject, EventType } from './objects/index.js'
import { snapshot } from './state.js'
import type { StoredEvent, StripeState } from './state.js'
import { setDelivery } from './delivery.js'
import type { Delivery } from './delivery.js'
import type { EmittedEvent } from './delivery-state.js'

export type { EmittedEvent } from './delivery-state.js'

/** The API request that an event came from; null members for what Stripe does by itself. */
export interface EventRequest {
  id: string | null
  idempotency_key: string | null
}

/** Events of one action: collected while its objects change, sent when it is done. */
export interface EventBatch {
  /** Records an event that shows the object as it is now. */
  add<T extends EventType> (type: T, object: EventObject<T>, previousAttributes?: object): void
  /** Sends all, in order; resolves when each had its first attempt. */
  send (): Promise<EmittedEvent[]>
}

/** The events of a stand-in. */
export interface Events {
  batch (request?: EventRequest): EventBatch
  /** Sends an event again, delivered or not. */
  resend (stored: StoredEvent): Promise<EmittedEvent>
  /** Sends an event once more under a new id, as one of a connected account. */
  copy (stored: StoredEvent, account: string): Promise<EmittedEvent>
  /** Sends what was held. */
  release (): Promise<EmittedEvent[]>
}

export interface EventsOptions {
  state: StripeState
  delivery: Delivery
  now: () => Date
  hold: () => boolean
  webhookUrl: () => string | undefined
  changed: () => void
}

/** The summary of a stored event, as control answers show it. */
export function summarise (stored: StoredEvent): EmittedEvent {
  const last = stored.attempts.at(-1)
  return {
    id: stored.id,
    type: stored.event.type,
    delivery: stored.delivery,
    attempts: stored.attempts.length,
    status: last?.status ?? null,
    error: last?.error ?? null
  }
}

/** Records events and has them delivered. */
export function createEvents (options: EventsOptions): Events {
  function store<T extends EventType> (type: T, object: EventObject<T>, request: EventRequest, previous?: object): StoredEvent {
    const account = currentAccount() ?? ('id' in object ? options.state.owners.get(String(object.id))?.account : undefined)
    const full = event(type, snapshot(withFirstLines(object)), {
      id: newId('evt_1'),
      created: unixSeconds(options.now()),
      request,
      ...(account !== undefined && { account }),
      ...(previous && { previous_attributes: snapshot(previous) })
    })
    if ('id' in object) claim(options.state, String(object.id))
    return keep(full)
  }

  function keep (full: Stripe.Event): StoredEvent {
    const stored: StoredEvent = { id: full.id, event: full, delivery: 'pending', attempts: [] }
    if (full.account !== undefined) options.state.owners.set(full.id, { id: full.id, account: full.account })
    setDelivery(stored, options.webhookUrl() === undefined ? 'no_endpoint' : options.hold() ? 'held' : 'pending')
    options.state.events.set(stored.id, stored)
    return stored
  }

  async function send (stored: StoredEvent[]): Promise<EmittedEvent[]> {
    options.changed()
    await options.delivery.deliverAll(stored.filter((one) => one.delivery === 'pending'))
    return stored.map(summarise)
  }

  return {
    batch (request = { id: null, idempotency_key: null }) {
      const stored: StoredEvent[] = []
      return {
        add (type, object, previous) { stored.push(store(type, object, request, previous)) },
        send: () => send(stored)
      }
    },
    async resend (stored) {
      await options.delivery.deliver(stored)
      return summarise(stored)
    },
    async copy ({ event: original }, account) {
      const { data, ...rest } = snapshot(original)
      const stored = keep({ ...rest, data, id: newId('evt_1'), created: unixSeconds(options.now()), account } as Stripe.Event)
      const [sent] = await send([stored])
      return sent ?? summarise(stored)
    },
    release () {
      const held = [...options.state.events.values()].filter((one) => one.delivery === 'held')
      for (const one of held) setDelivery(one, 'pending')
      return send(held)
    }
  }
}
