import { parseCookie } from 'cookie'
import type Stripe from 'stripe'
import { CLICK_ID_MAX_LENGTH, isStorable } from '../schemas/common.js'
import type { AttributedCustomer, AttributionMetadata, RequestWithClick } from './affitor.js'
import { clickIdOf, customerKeyOf } from './facts.js'

/** Set by Affitor's tracker script; it reaches the API when that shares the site's domain. */
const CLICK_COOKIE = 'affitor_click_id'

/** The click id of the body's `affitorClickId`, else of the tracker's cookie; an empty one is none. */
export function clickId ({ body, headers }: RequestWithClick): string | undefined {
  const told = typeof body === 'object' && body !== null && 'affitorClickId' in body ? body.affitorClickId : undefined
  const { cookie } = headers
  return [told, typeof cookie === 'string' ? parseCookie(cookie)[CLICK_COOKIE] : undefined].find(canBeClickId)
}

/** What cannot be one counts as none: a visitor's cookie is nobody's to correct. */
function canBeClickId (value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= CLICK_ID_MAX_LENGTH && isStorable(value)
}

/** The metadata by which a payment is attributed, as Affitor documents it: a missing click id is left out. */
export function attributionMetadata (programId: string, customer: AttributedCustomer): AttributionMetadata {
  const click = clickIdOf(customer)
  return {
    affitor_customer_key: customerKeyOf(customer),
    program_id: programId,
    ...(click === null ? {} : { affitor_click_id: click })
  }
}

/**
 * The parameters of a Checkout Session that carries the attribution to every object made from it: renewals carry only
 * the subscription's metadata, charges and refunds only the payment intent's. Stripe refuses `subscription_data` in
 * payment mode and `payment_intent_data` in subscription mode: https://docs.stripe.com/api/checkout/sessions/create
 */
export function withAttribution<Params extends Stripe.Checkout.SessionCreateParams> (params: Params, attribution: AttributionMetadata): Params {
  const { mode, metadata, subscription_data: subscription, payment_intent_data: payment } = params
  return {
    ...params,
    metadata: { ...metadata, ...attribution },
    ...(mode === 'subscription' && { subscription_data: { ...subscription, metadata: { ...subscription?.metadata, ...attribution } } }),
    ...(mode === 'payment' && { payment_intent_data: { ...payment, metadata: { ...payment?.metadata, ...attribution } } })
  }
}
