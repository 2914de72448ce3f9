import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { customer } from '../objects/index.js'

/** Makes a customer of an e-mail address. */
export function createCustomer (
  context: SandboxContext, batch: EventBatch, details: Partial<Stripe.Customer>
): Stripe.Customer {
  const made = customer({ created: timestamp(context), ...details })
  context.state.customers.set(made.id, made)
  batch.add('customer.created', made)
  return made
}
