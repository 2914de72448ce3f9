import { formatMoney } from '#money'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import type { IntentRequest } from '../flows/payment.js'
import { readMetadata } from '../metadata.js'
import { bankDebitType } from '../objects/index.js'
import { readBoolean, readChoice, readInteger, readString, refuseUnknown, requireString } from '../params.js'
import type { Form } from '../params.js'

const READ = ['amount', 'capture_method', 'confirm', 'currency', 'customer', 'description', 'metadata', 'payment_method', 'receipt_email']
// Parameters that change nothing here: the stand-in has one buyer, who pays by card or by bank debit.
const COSMETIC = [
  'allowed_payment_method_types', 'amount_details', 'automatic_payment_methods', 'confirmation_method', 'error_on_requires_action',
  'excluded_payment_method_types', 'expand', 'mandate_data', 'off_session', 'payment_details', 'payment_method_configuration',
  'payment_method_data', 'payment_method_options', 'payment_method_types', 'radar_options', 'return_url', 'setup_future_usage',
  'shipping', 'statement_descriptor', 'statement_descriptor_suffix', 'transfer_group', 'use_stripe_sdk'
]
const ABSENT = ['application_fee_amount', 'confirmation_token', 'customer_account', 'hooks', 'mandate', 'on_behalf_of', 'transfer_data']

// docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
const MINIMUM: Record<string, number> = { eur: 50, usd: 50 }
const MAXIMUM = 99_999_999

/** A new PaymentIntent as the app asks for it, with the payment method to confirm it with. */
export interface NewIntent {
  request: IntentRequest
  confirm: boolean
  /** `pm_...` */
  method: string | undefined
}

/** Reads the parameters of a new PaymentIntent (docs.stripe.com/api/payment_intents/create). */
export function readPaymentIntent ({ state }: SandboxContext, form: Form): NewIntent {
  refuseUnknown(form, [...READ, ...COSMETIC, ...ABSENT])
  for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
  const amount = readInteger(form, 'amount')
  if (amount === undefined) throw parameterMissing('amount')
  const currency = requireString(form, 'currency').toLowerCase()
  if (!/^[a-z]{3}$/.test(currency)) throw invalidRequest(`Invalid currency: ${currency}.`, 'currency')
  checkAmount(amount, currency)
  const customer = readString(form, 'customer')
  if (customer !== undefined && !state.customers.has(customer)) throw resourceMissing('customer', customer, 'customer')
  const debit = bankDebitType(currency)
  return {
    request: {
      amount,
      captureMethod: readChoice(form, 'capture_method', ['automatic', 'automatic_async', 'manual']),
      currency,
      customer: customer ?? null,
      description: readString(form, 'description', { max: 1000 }) ?? null,
      metadata: readMetadata(form),
      methods: debit === null ? ['card'] : ['card', debit],
      receiptEmail: readString(form, 'receipt_email') ?? null
    },
    confirm: readBoolean(form, 'confirm') ?? false,
    method: readString(form, 'payment_method')
  }
}

function checkAmount (amount: number, currency: string): void {
  if (amount < 1) throw invalidRequest('Invalid positive integer', 'amount', 'parameter_invalid_integer')
  const least = MINIMUM[currency] ?? 1
  if (amount < least) {
    throw invalidRequest(`Amount must be at least ${formatMoney(least, currency)} ${currency}`, 'amount', 'amount_too_small')
  }
  if (amount > MAXIMUM) {
    throw invalidRequest(`Amount must be no more than ${formatMoney(MAXIMUM, currency)}`, 'amount', 'amount_too_large')
  }
}

/** Reads what a capture takes; without an amount, all that is held. */
export function readCapture (form: Form, capturable: number): number {
  const known = ['amount_to_capture', 'expand', 'final_capture', 'metadata', 'statement_descriptor', 'statement_descriptor_suffix']
  const absent = ['amount_details', 'application_fee_amount', 'hooks', 'payment_details', 'transfer_data']
  refuseUnknown(form, [...known, ...absent])
  for (const name of absent) if (form[name] !== undefined) throw notInSandbox(name)
  // Several captures of one payment are a feature that accounts have to ask for.
  if (readBoolean(form, 'final_capture') === false) throw notInSandbox('final_capture: false')
  const amount = readInteger(form, 'amount_to_capture') ?? capturable
  if (amount < 1) throw invalidRequest('Invalid positive integer', 'amount_to_capture', 'parameter_invalid_integer')
  if (amount > capturable) {
    throw invalidRequest(
      'The payment could not be captured because the requested capture amount is greater than the amount you can capture for this charge.',
      'amount_to_capture', 'amount_too_large'
    )
  }
  return amount
}
