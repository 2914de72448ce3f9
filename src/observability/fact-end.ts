import type { FastifyBaseLogger } from 'fastify'
import type { TrackingKind, TrackingState } from '../../schemas/tracking.js'
import { customerHash } from '../customer-hash.js'
import { currentTraceId, traceIdOf } from '../tracing.js'

/** A fact that is done with, as far as the program goes. */
export interface FactEnd {
  id: number
  kind: TrackingKind
  state: TrackingState
  reason: string | null
  attempts: number
  customerKey: string
  /** A Stripe event id, or who else told it. */
  source: string
  /** W3C's `traceparent` of what brought it. */
  traceparent?: string | null
}

/** The one line of a fact's end, whatever ended it. @param more what is known besides, such as the status of the last answer */
export function logFactEnd (log: FastifyBaseLogger, { id, kind, state, reason, attempts, customerKey, source, traceparent }: FactEnd, more: object = {}): void {
  const line = { trackingEvent: id, kind, state, reason, attempts, source, customer: customerHash(customerKey), traceId: traceIdOf(traceparent), ...more }
  if (state === 'needs_attention') log.warn(line, 'A fact needs attention')
  else log.info(line, 'A fact is done')
}

/** The line that leads from a request to its fact. @param log the request's own, which names it */
export function logFactReported (log: FastifyBaseLogger, { id, kind, customerKey }: Pick<FactEnd, 'id' | 'kind' | 'customerKey'>): void {
  log.info({ trackingEvent: id, kind, customer: customerHash(customerKey), traceId: currentTraceId() }, 'A fact was reported')
}
