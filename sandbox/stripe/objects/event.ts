import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** The API version in whose shape the factories of this folder build objects, whatever the caller's stripe package asks for. */
export const API_VERSION = '2026-10-28.endive' satisfies typeof Stripe.API_VERSION

/** The type of an event, for example `invoice.paid`. */
export type EventType = Stripe.Event['type']

/** The event of one type. */
export type EventOf<T extends EventType> = Extract<Stripe.Event, { type: T }>

/** The object that events of one type carry. */
export type EventObject<T extends EventType> = EventOf<T>['data']['object']

/** A complete event around an object. */
export function event<T extends EventType> (
  type: T,
  object: EventObject<T>,
  overrides: Partial<Omit<Stripe.EventBase, 'type' | 'data'>> & { previous_attributes?: object } = {}
): EventOf<T> {
  const { previous_attributes: previous, ...rest } = overrides
  const complete = {
    id: newId('evt_1'),
    object: 'event',
    api_version: API_VERSION,
    created: unixSeconds(),
    data: previous === undefined ? { object } : { object, previous_attributes: previous },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    ...rest
  } satisfies Omit<Stripe.EventBase, 'data'> & { data: { object: unknown, previous_attributes?: object } }
  // The compiler cannot see that `type` and `object` belong to the same member of the union; the signature made sure.
  return complete as unknown as EventOf<T>
}
