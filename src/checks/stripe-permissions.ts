import type Stripe from 'stripe'
import { isStripeError } from '../stripe-error.js'
import { STRIPE_API_VERSION } from '../stripe/api-version.js'
import { fail, pass } from './check.js'
import type { Finding } from './check.js'

/** One kind of objects that is read. */
interface Read {
  /** The permission's name in Stripe's Dashboard. */
  name: string
  /** Reads one of them; by the address, as packages differ in what they have. */
  path: string
  /** What is gone without it, when the facts can do without: it belongs to the standalone service. */
  lost?: string
}

/** All that the program reads at Stripe: src/stripe/lookups.ts and reconcile.ts, and the service's storefront. */
const READS: readonly Read[] = [
  { name: 'Charges and Refunds', path: 'charges' },
  { name: 'Charges and Refunds', path: 'refunds' },
  { name: 'Checkout Sessions', path: 'checkout/sessions' },
  { name: 'Credit notes', path: 'credit_notes' },
  { name: 'Disputes', path: 'disputes' },
  { name: 'Invoices', path: 'invoices' },
  { name: 'Invoices', path: 'invoice_payments' },
  { name: 'PaymentIntents', path: 'payment_intents' },
  { name: 'Prices', path: 'prices' },
  { name: 'Quotes', path: 'quotes' },
  { name: 'Subscriptions', path: 'subscriptions' },
  { name: 'Events', path: 'events', lost: '"npm run reconcile" and POST /api/facts/stripe-events do not work' },
  { name: 'Products', path: 'products', lost: 'the storefront has no offers' }
]

const CHECKOUT = 'POST /api/checkout also needs Checkout Sessions: Write, which cannot be tried without making one'

/**
 * Whether the key may read what is asked for. Each read is tried.
 * @param restricted only such keys have permissions of their own, as far as a key's beginning tells
 */
export async function permissionsFinding (stripe: Stripe, restricted: boolean): Promise<Finding> {
  const allowed = await Promise.all(READS.map(({ path }) => mayRead(stripe, path)))
  const denied = READS.filter((_read, index) => allowed[index] === false)
  const missing = namesOf(denied.filter(({ lost }) => lost === undefined))
  if (missing.length > 0) {
    const all = namesOf(denied)
    return fail(`The key lacks ${missing.length === 1 ? 'a permission' : 'permissions'}: ${missing.join(', ')}.`,
      `In Stripe's Dashboard under "API keys", give it ${all.join(', ')}. ${CHECKOUT}.`)
  }
  const lost = denied.map(({ name, lost }) => ` Without ${name}: Read, ${lost}.`)
  return pass(`The key may read all that facts need.${lost.join('')}${restricted ? ` ${CHECKOUT}.` : ''}`)
}

async function mayRead (stripe: Stripe, path: string): Promise<boolean> {
  try {
    await stripe.rawRequest('GET', `/v1/${path}?limit=1`, undefined, { apiVersion: STRIPE_API_VERSION })
    return true
  } catch (error) {
    // Whatever else Stripe finds wrong with the request, it looked at the permission first.
    if (isStripeError(error) && (error.statusCode === 403 || error.statusCode === 400)) return error.statusCode === 400
    throw error
  }
}

function namesOf (reads: Read[]): string[] {
  return [...new Set(reads.map(({ name }) => `${name}: Read`))]
}
