import type { TrackingState } from '../../schemas/tracking.js'
import type { ClaimedTrackingEvent } from '../ledger/delivery.js'
import type { Reason } from '../ledger/reasons.js'
import type { AffitorAnswer } from './client.js'

/** What is to be done with a tracking event. */
export type DeliveryOutcome =
  | { action: 'settle', state: Exclude<TrackingState, 'pending'>, reason: Reason | null }
  /** `afterMs`: at least this long; null leaves it to the backoff. */
  | { action: 'retry', afterMs: number | null }
  /** The configuration is wrong: no event can be delivered. */
  | { action: 'pause' }

/**
 * A lead with a click id that Affitor does not know yet is tried this often: the click may still be on its way
 * to Affitor's database. With waits from 5 s, doubling, it is about five minutes.
 */
export const UNKNOWN_CLICK_TRIES = 7
const UNKNOWN_CLICK_FIRST_WAIT_MS = 5_000

function settle (state: Exclude<TrackingState, 'pending'>, reason: Reason | null = null): DeliveryOutcome {
  return { action: 'settle', state, reason }
}

function retry (answer: AffitorAnswer): DeliveryOutcome {
  return { action: 'retry', afterMs: answer.retryAfterMs }
}

/** The shop's choices that a sale is held against. */
export interface SaleSettings {
  /** ISO 4217 codes that Affitor takes, upper case. */
  currencies: ReadonlySet<string>
  /** Who records the sales of Stripe at Affitor: `connect`, Affitor itself. */
  saleSource: 'webhook' | 'connect'
}

/** Ids of what Affitor sees by Stripe Connect: https://docs.stripe.com/api */
const STRIPE_PAYMENT = /^(cs|in|pi|ch)_/

/**
 * What follows from an event and its history alone, without a call.
 * @returns undefined when it is to be sent
 */
export function outcomeBeforeSending (event: ClaimedTrackingEvent, settings: SaleSettings): DeliveryOutcome | undefined {
  if (event.kind === 'sale') return outcomeOfToldSale(event, settings)
  if (event.kind !== 'refund') return undefined
  // Affitor must not hear of it before the sale, which a person sends or not; with the sale it goes.
  if (event.saleHeld) return settle('needs_attention', 'sale_needs_attention')
  if (event.saleState === 'unattributed') return settle('skipped', 'sale_not_attributed')
  if (event.saleState === 'skipped' || event.saleState === 'rejected') return settle('skipped', 'sale_not_sent')
  return undefined
}

/** Of what Stripe told, the interpretation has decided; what the app told itself may have come by any entrance. */
function outcomeOfToldSale ({ source, transactionId, payload }: ClaimedTrackingEvent & { kind: 'sale' }, { currencies, saleSource }: SaleSettings): DeliveryOutcome | undefined {
  if (source.startsWith('evt_')) return undefined
  if (saleSource === 'connect' && STRIPE_PAYMENT.test(transactionId)) return settle('skipped', 'recorded_by_connect')
  return currencies.has(payload.currency) ? undefined : settle('needs_attention', 'unsupported_currency')
}

/** What follows from Affitor's answer, or from its absence. */
export function outcomeOf (event: ClaimedTrackingEvent, answer: AffitorAnswer): DeliveryOutcome {
  const { status } = answer
  if (answer.ok) return outcomeOfSuccess(event, answer)
  // One event that is refused while others pass, for whatever reason, must not stop them.
  if (status === 401) return event.refusedAlone ? retry(answer) : { action: 'pause' }
  if (status === 409 && isAffitors(answer)) return outcomeOfConflict(event)
  if (status === 0 || status === 408 || status === 425 || status === 429 || status >= 500) return retry(answer)
  if (status === 404 && event.kind === 'refund' && isAbout(answer, /sale not found/i)) {
    return event.saleState === 'needs_attention'
      ? settle('needs_attention', 'sale_needs_attention')
      : settle('rejected', 'sale_unknown_to_affitor')
  }
  if (status === 400 && isAffitors(answer)) return outcomeOfRefusal(event, answer)
  // A wrong address, a proxy or a firewall in between answers 3xx, 403, 404, 413, pages with 400...: the facts are worth
  // waiting for.
  return retry(answer)
}

function outcomeOfSuccess (event: ClaimedTrackingEvent, answer: AffitorAnswer): DeliveryOutcome {
  const body = asRecord(answer.data)
  // A body that is not Affitor's, such as a proxy's page: the call may not have arrived.
  if (body === undefined || body.success === false || (body.success !== true && asRecord(body.data)?.test_mode !== true)) return retry(answer)
  switch (event.kind) {
    case 'lead':
      return settle('delivered', body.provisional === true ? 'provisional' : null)
    case 'sale':
      if (body.attributed === false) return settle('unattributed', 'attribution_window_expired')
      if (body.commission_id === null) return settle('unattributed', 'no_commission')
      return settle('delivered')
    case 'refund':
      if (body.status === 'no_commission') return settle('skipped', 'no_commission')
      if (body.status !== 'skipped') return settle('delivered')
      return outcomeOfSkippedRefund(event)
  }
}

/** Affitor takes one refund a sale: this answer means another one, or our own whose answer was lost. */
function outcomeOfSkippedRefund ({ mayHaveArrived, hadUnclearAnswer, otherRefund }: ClaimedTrackingEvent): DeliveryOutcome {
  const mayBeOurOwn = mayHaveArrived || hadUnclearAnswer
  if (otherRefund === 'recorded' || !mayBeOurOwn) return settle('needs_attention', 'later_refund_not_applied')
  return otherRefund === null && mayHaveArrived
    ? settle('delivered', 'recorded_earlier')
    : settle('needs_attention', 'refund_outcome_unknown')
}

/** Whether an answer shows that Affitor took the key. A failure may come from before the key was looked at. */
export function isKeyTaken (outcome: DeliveryOutcome, answer: AffitorAnswer): boolean {
  return outcome.action === 'settle' || (answer.status === 400 && isAffitors(answer))
}

function outcomeOfConflict (event: ClaimedTrackingEvent): DeliveryOutcome {
  // After "500 Failed to create commission" the id is used up although there is no commission.
  if (event.hadServerError) return settle('needs_attention', 'transaction_id_used_up')
  return settle('delivered', 'recorded_earlier')
}

function outcomeOfRefusal (event: ClaimedTrackingEvent, answer: AffitorAnswer): DeliveryOutcome {
  if (event.kind === 'lead' && isAbout(answer, /status cannot be updated/i)) return settle('delivered', 'further_along')
  if (isAbout(answer, /customer not found/i)) {
    if (event.kind === 'lead' && event.payload.clickId !== undefined && event.unknownCustomerAnswers + 1 < UNKNOWN_CLICK_TRIES) {
      return { action: 'retry', afterMs: UNKNOWN_CLICK_FIRST_WAIT_MS * 2 ** event.unknownCustomerAnswers }
    }
    if (event.kind === 'sale' && event.leadState === 'needs_attention') return settle('needs_attention', 'lead_needs_attention')
    return settle('unattributed', 'customer_not_found')
  }
  if (isAbout(answer, /no affiliate attribution|no partner-program relationship/i)) return settle('unattributed', 'no_attribution')
  return settle('rejected', 'refused')
}

/** Whether a refusal has a shape that Affitor documents: its own, not that of something in between. */
function isAffitors ({ data }: AffitorAnswer): boolean {
  const error = asRecord(data)?.error
  return typeof error === 'string' || asRecord(error) !== undefined
}

function isAbout (answer: AffitorAnswer, text: RegExp): boolean {
  return text.test(answer.error ?? '')
}

function asRecord (value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : undefined
}
