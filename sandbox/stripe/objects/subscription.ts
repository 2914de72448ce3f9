import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'
import { apiList } from './invoice.js'
import { plan } from './plan.js'
import { price, recurring } from './price.js'

const DAY = 86_400

/** A complete subscription item; its period is the subscription's (since API version 2025-03-31.basil). */
export function subscriptionItem (overrides: Partial<Stripe.SubscriptionItem> = {}): Stripe.SubscriptionItem {
  const created = overrides.created ?? unixSeconds()
  const itemPrice = overrides.price ?? price({ recurring: recurring('month'), unit_amount: 1900 })
  return {
    id: newId('si_', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created,
    current_period_end: created + 30 * DAY,
    current_period_start: created,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: plan(itemPrice),
    price: itemPrice,
    quantity: 1,
    subscription: newId('sub_1'),
    tax_rates: [],
    ...overrides
  }
}

/** A complete, active subscription of one item. */
export function subscription (overrides: Partial<Stripe.Subscription> = {}): Stripe.Subscription {
  const id = overrides.id ?? newId('sub_1')
  const created = overrides.created ?? unixSeconds()
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: created,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created,
    currency: 'usd',
    customer: newId('cus_', 14),
    customer_account: null,
    days_until_due: null,
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' }
    },
    items: apiList(`/v1/subscription_items?subscription=${id}`, [subscriptionItem({ created, subscription: id })]),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: {},
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off'
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: created,
    status: 'active',
    test_clock: null,
    transfer_data: null,
    trial_end: null,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: null,
    ...overrides
  }
}
