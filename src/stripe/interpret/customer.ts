import type Stripe from 'stripe'
import { CLICK_ID_MAX_LENGTH, isStorable } from '../../../schemas/common.js'
import type { CustomerReference } from '../../ledger/facts.js'
import type { KnownCustomer } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'
import { idOf, idsOf, timeOf } from './objects.js'

const CUSTOMER_KEY_MAX_LENGTH = 200

/**
 * A customer of ours, and what says so. Metadata is planted by the shop's server; a `client_reference_id` is in the
 * address of a Payment Link, where anybody can write anybody's.
 */
export type FoundCustomer = KnownCustomer & { by: 'metadata' | 'ledger' | 'client_reference_id' }

/** Whose a payment is; `other_program`: what else is known of it does not count. */
export type Whose = FoundCustomer | 'other_program' | undefined

/** A metadata value that can be a key of ours: not blank, not over-long, without characters that no key has. */
function readKey (value: string | null | undefined, maxLength: number): string | undefined {
  // eslint-disable-next-line no-control-regex
  return value && value.length <= maxLength && isStorable(value) && !/[\u0000-\u001f]/.test(value) ? value : undefined
}

/** The customer that our metadata names, with the click if it names one. */
export function customerInMetadata (metadata: Stripe.Metadata | null | undefined): FoundCustomer | undefined {
  const customerKey = readKey(metadata?.affitor_customer_key, CUSTOMER_KEY_MAX_LENGTH)
  if (customerKey === undefined) return undefined
  const clickId = readKey(metadata?.affitor_click_id, CLICK_ID_MAX_LENGTH)
  return { customerKey, by: 'metadata', ...(clickId === undefined ? {} : { clickId }) }
}

/** Whether the metadata names a program, and not ours: another shop on the same Stripe account. */
export function isOtherProgram (metadata: Stripe.Metadata | null | undefined, { settings }: InterpretContext): boolean {
  const programId = metadata?.program_id
  return programId !== undefined && programId !== '' && programId !== settings.programId
}

/** The customer that these Stripe objects belonged to at `time`, the first named first. */
export async function customerReferredBy (references: string[], time: Date, { ledger }: InterpretContext): Promise<FoundCustomer | undefined> {
  const known = await ledger.customerReferredBy(references, time)
  return known && { ...known, by: 'ledger' }
}

/**
 * Whose a Checkout Session is: by our metadata on it, on its subscription or its payment intent, by what the ledger knows, and last by its
 * `client_reference_id`, if that is the key of a customer whose lead is known.
 * https://docs.stripe.com/payment-links/url-parameters
 * @param paidAt whose the Stripe customer was when the session was paid, not when it was opened, counts
 */
export async function customerOfSession (session: Stripe.Checkout.Session, paidAt: Date, context: InterpretContext): Promise<Whose> {
  return customerInMetadata(session.metadata) ?? await customerOfSubscription(idOf(session.subscription), context) ??
    await customerOfPaymentIntent(idOf(session.payment_intent), context) ??
    await customerReferredBy(idsOf(session.subscription, session.customer), paidAt, context) ??
    await customerByClientReference(session.client_reference_id, context)
}

/** Whom the metadata of a subscription names now. */
export async function customerOfSubscription (id: string | undefined, context: InterpretContext): Promise<Whose> {
  return id === undefined ? undefined : whoseByMetadata((await context.stripe.subscription(id))?.metadata, context)
}

/** Whom the metadata of a quote names. */
export async function customerOfQuote (id: string | undefined, context: InterpretContext): Promise<Whose> {
  return id === undefined ? undefined : whoseByMetadata((await context.stripe.quote(id))?.metadata, context)
}

async function customerOfPaymentIntent (id: string | undefined, context: InterpretContext): Promise<Whose> {
  return id === undefined ? undefined : whoseByMetadata((await context.stripe.paymentIntent(id))?.metadata, context)
}

function whoseByMetadata (metadata: Stripe.Metadata | undefined, context: InterpretContext): Whose {
  return isOtherProgram(metadata, context) ? 'other_program' : customerInMetadata(metadata)
}

async function customerByClientReference (reference: string | null, { ledger }: InterpretContext): Promise<FoundCustomer | undefined> {
  const customerKey = readKey(reference, CUSTOMER_KEY_MAX_LENGTH)
  return customerKey !== undefined && await ledger.hasLead(customerKey) ? { customerKey, by: 'client_reference_id' } : undefined
}

export interface Learnable {
  subscription: string | undefined
  customer: string | Stripe.Customer | Stripe.DeletedCustomer | null | undefined
  livemode: boolean
  /** From when on they are the customer's, in Stripe's seconds. */
  created: number
  /** A Checkout Session of our own account, which its server made. */
  isOwnSession?: boolean
}

/**
 * Whose the Stripe objects of a payment are, from its time on. A Stripe customer outlives the payment and is paid as
 * again, so only our own metadata tells whose it is.
 */
export function referencesTo (found: FoundCustomer, { subscription, customer, livemode, created, isOwnSession = false }: Learnable): CustomerReference[] {
  const isTold = found.by === 'metadata'
  const common = { customerKey: found.customerKey, livemode, since: timeOf(created) }
  return [
    ...idsOf(subscription).map(reference => ({ ...common, reference, reusable: false })),
    ...idsOf(isTold ? customer : undefined).map(reference => ({ ...common, reference, reusable: isOwnSession }))
  ]
}
