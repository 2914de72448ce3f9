import type Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import { timestamp } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { readMetadata } from '../metadata.js'
import { readBoolean, readChoice, readInteger, readList, readObject, readString, readUrl, refuseUnknown } from '../params.js'
import type { Form } from '../params.js'
import { bankDebitType, checkoutSession } from '../objects/index.js'
import type { CheckoutDraft } from '../state.js'
import { readLineItems } from './line-item-params.js'
import { isEmail } from './customers.js'

// Parameters that change what the buyer sees; they are accepted and change nothing here.
const COSMETIC = [
  'adaptive_pricing', 'billing_address_collection', 'branding_settings', 'consent_collection', 'currency', 'custom_fields',
  'custom_text', 'customer_update', 'expand', 'integration_identifier', 'managed_payments', 'name_collection',
  'origin_context', 'payment_method_configuration', 'payment_method_data', 'payment_method_options',
  'payment_method_types', 'allowed_payment_method_types', 'excluded_payment_method_types', 'permissions',
  'phone_number_collection', 'saved_payment_method_options', 'submit_type', 'tax_id_collection', 'wallet_options'
]
const READ = [
  'allow_promotion_codes', 'automatic_tax', 'cancel_url', 'client_reference_id', 'customer', 'customer_creation',
  'customer_email', 'discounts', 'expires_at', 'invoice_creation', 'line_items', 'locale', 'metadata', 'mode', 'payment_intent_data',
  'payment_method_collection', 'subscription_data', 'success_url', 'ui_mode'
]
// Parameters of Stripe that would change what happens, and that the stand-in does not have.
const ABSENT = [
  'after_expiration', 'customer_account', 'optional_items', 'redirect_on_completion', 'return_url',
  'setup_intent_data', 'shipping_address_collection', 'shipping_options'
]
const PAYMENT_INTENT_DATA = [
  'application_fee_amount', 'capture_method', 'description', 'metadata', 'on_behalf_of', 'receipt_email',
  'setup_future_usage', 'shipping', 'statement_descriptor', 'statement_descriptor_suffix', 'transfer_data', 'transfer_group'
]
const SUBSCRIPTION_DATA = [
  'application_fee_percent', 'billing_cycle_anchor', 'billing_cycle_anchor_config', 'billing_mode', 'default_tax_rates',
  'description', 'invoice_settings', 'metadata', 'on_behalf_of', 'pending_invoice_item_interval', 'proration_behavior',
  'transfer_data', 'trial_end', 'trial_period_days', 'trial_settings'
]
const SUBSCRIPTION_DATA_ABSENT = ['billing_cycle_anchor', 'billing_cycle_anchor_config', 'default_tax_rates', 'trial_end']

const INVOICE_DATA = ['description', 'footer', 'metadata']
const INVOICE_DATA_ABSENT = ['account_tax_ids', 'custom_fields', 'issuer', 'rendering_options']

const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'] as const
const MODES = ['payment', 'setup', 'subscription'] as const
const MIN_EXPIRY_SECONDS = 30 * 60
const MAX_EXPIRY_SECONDS = 24 * 60 * 60

/**
 * Reads the parameters of a new Checkout Session and refuses what Stripe refuses
 * (docs.stripe.com/api/checkout/sessions/create).
 */
export function readCheckoutSession (
  context: SandboxContext, form: Form
): { session: Stripe.Checkout.Session, draft: CheckoutDraft } {
  refuseUnknown(form, [...COSMETIC, ...READ, ...ABSENT])
  for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
  const mode = readChoice(form, 'mode', MODES)
  if (mode === undefined) throw parameterMissing('mode')
  readUiMode(form)
  const successUrl = readUrl(form, 'success_url')
  if (successUrl === undefined) throw parameterMissing('success_url')
  refuseOtherModesData(form, mode)
  const lineItems = readLineItems(context, form, mode)
  const customer = readCustomer(context, form)
  refuseCoupons(form)
  const created = timestamp(context)
  const paymentIntentData = readPaymentIntentData(form)
  const session = checkoutSession({
    allow_promotion_codes: readBoolean(form, 'allow_promotion_codes') ?? null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    cancel_url: readUrl(form, 'cancel_url') ?? null,
    client_reference_id: readClientReferenceId(form),
    created,
    currency: lineItems[0]?.currency ?? null,
    customer: customer?.id ?? null,
    customer_email: readEmail(form),
    expires_at: readExpiry(form, created),
    metadata: readMetadata(form),
    mode,
    payment_method_types: paymentMethodTypes(lineItems[0]?.currency ?? '', paymentIntentData.captureMethod === 'manual'),
    success_url: successUrl,
    ...(readString(form, 'locale') && { locale: readString(form, 'locale') ?? null }),
    ...(mode === 'payment' && { customer_creation: readCustomerCreation(form, customer !== undefined) }),
    ...(form.invoice_creation !== undefined && { invoice_creation: readInvoiceCreation(form, paymentIntentData) })
  })
  return {
    session,
    draft: {
      id: session.id,
      lineItems,
      paymentIntentData,
      subscriptionData: readSubscriptionData(form)
    }
  }
}

function paymentMethodTypes (currency: string, manualCapture: boolean): string[] {
  // Bank debits cannot be captured later, so Checkout does not offer them (docs.stripe.com/payments/place-a-hold-on-a-payment-method).
  const debit = manualCapture ? null : bankDebitType(currency)
  return debit === null ? ['card'] : ['card', debit]
}

function readUiMode (form: Form): void {
  const uiMode = readChoice(form, 'ui_mode', ['elements', 'embedded_page', 'form', 'hosted_page'])
  if (uiMode !== undefined && uiMode !== 'hosted_page') throw notInSandbox(`ui_mode: ${uiMode}`)
}

function refuseOtherModesData (form: Form, mode: Stripe.Checkout.Session.Mode): void {
  for (const [name, only] of [
    ['invoice_creation', 'payment'], ['payment_intent_data', 'payment'], ['subscription_data', 'subscription']
  ] as const) {
    if (form[name] !== undefined && mode !== only) throw invalidRequest(`You can not pass \`${name}\` in \`${mode}\` mode.`, name)
  }
  if (form.customer_creation !== undefined && mode !== 'payment') {
    throw invalidRequest('`customer_creation` can only be used in `payment` mode.', 'customer_creation')
  }
}

function readCustomer (context: SandboxContext, form: Form): Stripe.Customer | undefined {
  const id = readString(form, 'customer')
  if (id === undefined) return undefined
  if (form.customer_email !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_email.', 'customer')
  }
  const customer = context.state.customers.get(id)
  if (customer === undefined) throw resourceMissing('customer', id, 'customer')
  return customer
}

function readEmail (form: Form): string | null {
  const email = readString(form, 'customer_email', { max: 800 })
  if (email === undefined) return null
  if (!isEmail(email)) throw invalidRequest(`Invalid email address: ${email}`, 'customer_email', 'email_invalid')
  return email
}

function readCustomerCreation (form: Form, known: boolean): Stripe.Checkout.Session.CustomerCreation | null {
  const creation = readChoice(form, 'customer_creation', ['always', 'if_required'])
  if (!known) return creation ?? 'if_required'
  if (creation !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: customer, customer_creation.', 'customer_creation')
  }
  return null
}

function readClientReferenceId (form: Form): string | null {
  const reference = readString(form, 'client_reference_id', { max: 200 })
  if (reference === undefined) return null
  if (!/^[A-Za-z0-9_-]+$/.test(reference)) {
    throw invalidRequest(
      'Invalid client_reference_id: it can only contain alphanumeric characters, dashes, or underscores.', 'client_reference_id'
    )
  }
  return reference
}

function readExpiry (form: Form, created: number): number {
  const at = readInteger(form, 'expires_at') ?? created + MAX_EXPIRY_SECONDS
  if (at < created + MIN_EXPIRY_SECONDS) {
    throw invalidRequest('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', 'expires_at')
  }
  if (at > created + MAX_EXPIRY_SECONDS) {
    throw invalidRequest('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', 'expires_at')
  }
  return at
}

function refuseCoupons (form: Form): void {
  if (form.discounts === undefined) return
  if (form.allow_promotion_codes !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: allow_promotion_codes, discounts.')
  }
  // The stand-in's catalogue has no coupons; discounts are given when a session is paid.
  for (const [index, discount] of (readList(form, 'discounts') ?? []).entries()) {
    if (typeof discount !== 'object' || Array.isArray(discount)) throw invalidRequest('Invalid object', `discounts[${index}]`)
    const parent = `discounts[${index}]`
    refuseUnknown(discount, ['coupon', 'promotion_code'], parent)
    const coupon = readString(discount, 'coupon', { parent })
    if (coupon !== undefined) throw resourceMissing('coupon', coupon, `${parent}[coupon]`)
    const code = readString(discount, 'promotion_code', { parent })
    if (code !== undefined) throw resourceMissing('promotion code', code, `${parent}[promotion_code]`)
  }
}

function readPaymentIntentData (form: Form): CheckoutDraft['paymentIntentData'] {
  const parent = 'payment_intent_data'
  const data = readObject(form, parent) ?? {}
  refuseUnknown(data, PAYMENT_INTENT_DATA, parent)
  return {
    captureMethod: readChoice(data, 'capture_method', CAPTURE_METHODS, parent),
    metadata: readMetadata(data, parent),
    description: readString(data, 'description', { parent }) ?? null,
    receiptEmail: readString(data, 'receipt_email', { parent }) ?? null
  }
}

function readInvoiceCreation (form: Form, { captureMethod }: CheckoutDraft['paymentIntentData']): Stripe.Checkout.Session.InvoiceCreation {
  const parent = 'invoice_creation'
  const creation = readObject(form, parent) ?? {}
  refuseUnknown(creation, ['enabled', 'invoice_data'], parent)
  const enabled = readBoolean(creation, 'enabled', parent)
  if (enabled === undefined) throw parameterMissing(`${parent}[enabled]`)
  if (enabled && captureMethod === 'manual') throw notInSandbox(`${parent}[enabled] with payment_intent_data[capture_method]: manual`)
  const dataParent = `${parent}[invoice_data]`
  const data = readObject(creation, 'invoice_data', parent) ?? {}
  refuseUnknown(data, [...INVOICE_DATA, ...INVOICE_DATA_ABSENT], dataParent)
  for (const name of INVOICE_DATA_ABSENT) if (data[name] !== undefined) throw notInSandbox(`${dataParent}[${name}]`)
  return {
    enabled,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: readString(data, 'description', { max: 1500, parent: dataParent }) ?? null,
      footer: readString(data, 'footer', { parent: dataParent }) ?? null,
      issuer: null,
      metadata: readMetadata(data, dataParent),
      rendering_options: null
    }
  }
}

function readSubscriptionData (form: Form): CheckoutDraft['subscriptionData'] {
  const parent = 'subscription_data'
  const data = readObject(form, parent) ?? {}
  refuseUnknown(data, SUBSCRIPTION_DATA, parent)
  for (const name of SUBSCRIPTION_DATA_ABSENT) if (data[name] !== undefined) throw notInSandbox(`${parent}[${name}]`)
  return {
    metadata: readMetadata(data, parent),
    description: readString(data, 'description', { max: 500, parent }) ?? null,
    trialDays: readInteger(data, 'trial_period_days', { min: 1, max: 730, parent }) ?? null
  }
}
