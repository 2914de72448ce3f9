/** Resources of the API: what their permissions are called by id, and in the Dashboard. */
const RESOURCES: Readonly<Record<string, readonly [id: string, name: string]>> = {
  account: ['accounts_kyc_basic', 'Accounts KYC Basic'],
  balance: ['balance', 'Balance'],
  charges: ['charge', 'Charges and Refunds'],
  checkout: ['checkout_session', 'Checkout Sessions'],
  credit_notes: ['credit_note', 'Credit notes'],
  customers: ['customer', 'Customers'],
  disputes: ['dispute', 'Disputes'],
  events: ['event', 'Events'],
  invoice_payments: ['invoice', 'Invoices'],
  invoiceitems: ['invoice', 'Invoices'],
  invoices: ['invoice', 'Invoices'],
  payment_intents: ['payment_intent', 'PaymentIntents'],
  // Prices were plans once.
  prices: ['plan', 'Prices'],
  products: ['product', 'Products'],
  quotes: ['quote', 'Quotes'],
  refunds: ['charge', 'Charges and Refunds'],
  subscriptions: ['subscription', 'Subscriptions'],
  webhook_endpoints: ['webhook', 'Webhook Endpoints']
}

/** What a request needs of a restricted key. */
export interface NeededPermission {
  /** `charge_read` */
  id: string
  /** `Charges and Refunds Read` */
  name: string
  /** The permissions that allow it: to write is to read too. */
  by: string[]
}

/** The permission that a request needs (docs.stripe.com/keys/restricted-api-keys); undefined for an address that Stripe does not have. */
export function neededPermission (method: string, url: string): NeededPermission | undefined {
  const resource = RESOURCES[/^\/v1\/(\w+)/.exec(url)?.[1] ?? '']
  if (resource === undefined) return undefined
  const [id, name] = resource
  return method === 'GET'
    ? { id: `${id}_read`, name: `${name} Read`, by: [`${id}_read`, `${id}_write`] }
    : { id: `${id}_write`, name: `${name} Write`, by: [`${id}_write`] }
}
