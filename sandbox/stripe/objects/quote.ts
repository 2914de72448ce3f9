import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

const DAY = 86_400

/** A complete quote: a draft of nothing for nobody, unless told otherwise. */
export function quote (overrides: Partial<Stripe.Quote> = {}): Stripe.Quote {
  const created = overrides.created ?? unixSeconds()
  const total = overrides.amount_total ?? 0
  return {
    id: newId('qt_1'),
    object: 'quote',
    amount_subtotal: total,
    amount_total: total,
    application: null,
    application_fee_amount: null,
    application_fee_percent: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    collection_method: 'charge_automatically',
    computed: {
      recurring: null,
      upfront: { amount_subtotal: total, amount_total: total, total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 } }
    },
    created,
    currency: null,
    customer: null,
    customer_account: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    expires_at: created + 30 * DAY,
    footer: null,
    from_quote: null,
    header: null,
    invoice: null,
    invoice_settings: { custom_fields: null, days_until_due: null, description: null, footer: null, issuer: { type: 'self' } },
    livemode: false,
    metadata: {},
    number: null,
    on_behalf_of: null,
    status: 'draft',
    status_transitions: { accepted_at: null, canceled_at: null, finalized_at: null },
    subscription: null,
    subscription_data: {
      billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
      description: null,
      effective_date: null,
      metadata: {},
      trial_period_days: null
    },
    subscription_schedule: null,
    test_clock: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    transfer_data: null,
    ...overrides
  }
}
