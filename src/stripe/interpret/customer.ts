import type Stripe from 'stripe'
import { CLICK_ID_MAX_LENGTH } from '../../../schemas/common.js'
import type { CustomerReference } from '../../ledger/facts.js'
import type { KnownCustomer } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'

const CUSTOMER_KEY_MAX_LENGTH = 200

/** A metadata value that can be a key of ours: not blank, not over-long, without characters that no key has. */
function readKey (value: string | null | undefined, maxLength: number): string | undefined {
  // eslint-disable-next-line no-control-regex
  return value && value.length <= maxLength && !/[\u0000-\u001f]/.test(value) ? value : undefined
}

/** The customer that our metadata names, with the click if it names one. */
export function customerInMetadata (metadata: Stripe.Metadata | null | undefined, clientReferenceId?: string | null): KnownCustomer | undefined {
  const customerKey = readKey(metadata?.affitor_customer_key, CUSTOMER_KEY_MAX_LENGTH) ?? readKey(clientReferenceId, CUSTOMER_KEY_MAX_LENGTH)
  if (customerKey === undefined) return undefined
  const clickId = readKey(metadata?.affitor_click_id, CLICK_ID_MAX_LENGTH)
  return { customerKey, ...(clickId === undefined ? {} : { clickId }) }
}

/** Whether the metadata names a program, and not ours: another shop on the same Stripe account. */
export function isOtherProgram (metadata: Stripe.Metadata | null | undefined, { settings }: InterpretContext): boolean {
  const programId = metadata?.program_id
  return programId !== undefined && programId !== '' && programId !== settings.programId
}

/** What is learned when a customer is found: whose these Stripe objects are, from `since` on. */
export function referencesTo (customer: KnownCustomer, references: string[], { livemode, since }: { livemode: boolean, since: Date }): CustomerReference[] {
  return references.map(reference => ({ reference, customerKey: customer.customerKey, livemode, since }))
}
