import type { Test } from 'tap'
import type { StripeEventRecord, TrackingEvent } from '../../schemas/tracking.js'
import { sendEvent } from '../fixtures/index.js'
import type { AnyEvent, Buyer } from '../fixtures/index.js'
import { startService } from './service.js'
import type { Service, ServiceOptions } from './service.js'
import { query } from './sql.js'

/** A call that Affitor saw. */
export type Told = Record<string, unknown> & { endpoint: string, status: number | null }

/** A running service that is asked what it made of Stripe's events. */
export interface Bookkeeper extends Service {
  /** A new user who came by a partner's link, or by none. */
  buyer (referred?: boolean): Promise<Buyer & { accessToken: string }>
  /** Sends events as Stripe would, one after the other has been worked off. Resolves to what became of each. */
  receive (...events: AnyEvent[]): Promise<StripeEventRecord[]>
  /** What is stored of events now. */
  stored (...ids: string[]): Promise<StripeEventRecord[]>
  /** The buyer's sales and refunds, oldest first. */
  facts (buyer: Buyer): Promise<TrackingEvent[]>
  /** Lets parked events have waited for so many hours, and be read again. */
  letParkedAge (hours: number): Promise<void>
  /** What Affitor was told of a sale: the sale and its refunds, in the order of arrival. */
  told (saleTransactionId: string): Told[]
}

export async function startBookkeeper (t: Test, options: ServiceOptions = {}): Promise<Bookkeeper> {
  const service = await startService(t, options)

  async function stored (...ids: string[]): Promise<StripeEventRecord[]> {
    const { body } = await service.operator<{ events: StripeEventRecord[] }>('GET', '/api/tracking/stripe-events?limit=200')
    return ids.map(id => {
      const found = body.events.find(event => event.id === id)
      if (found === undefined) throw new Error(`The event ${id} is not stored`)
      return found
    })
  }

  return Object.assign(service, {
    stored,
    async buyer (referred = true) {
      const affitorClickId = referred ? await service.affitor.click() : undefined
      const { userId, accessToken } = await service.signUp({ ...(affitorClickId !== undefined && { affitorClickId }) })
      return { userId, accessToken, ...(affitorClickId !== undefined && { affitorClickId }) }
    },
    async receive (...events: AnyEvent[]) {
      for (const event of events) {
        await sendEvent(service, event)
        await service.work()
      }
      return await stored(...events.map(({ id }) => id))
    },
    async facts ({ userId }: Buyer) {
      const { body } = await service.operator<{ events: TrackingEvent[] }>('GET', `/api/tracking/events?limit=200&customerKey=${userId}`)
      return body.events.reverse().filter(({ kind }) => kind !== 'lead')
    },
    async letParkedAge (hours: number) {
      await query(service.connectionString, `update stripe_events set parked_since = parked_since - make_interval(hours => $1), next_attempt_at = now()
        where state = 'parked'`, [hours])
      await service.work()
    },
    told (saleTransactionId: string) {
      return service.affitor.calls()
        .map(({ endpoint, status, body }) => ({ ...body as object, endpoint, status }) as Told)
        .filter(call => call.transaction_id === saleTransactionId)
    }
  })
}
