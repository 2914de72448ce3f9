import type Stripe from 'stripe'
import { randomText } from '../ids.js'

/** The payment methods that the stand-in knows: a card, and the bank debit of the currency. */
export type PaymentMethodType = 'card' | 'sepa_debit' | 'us_bank_account'

/** The bank debit that Stripe offers in a currency, or null: ACH debits in USD, SEPA debits in EUR. */
export function bankDebitType (currency: string): PaymentMethodType | null {
  if (currency === 'usd') return 'us_bank_account'
  return currency === 'eur' ? 'sepa_debit' : null
}

/** What a charge says of Stripe's test card 4242 and of its test bank accounts. */
export function paymentMethodDetails (type: PaymentMethodType, amount: number): Stripe.Charge.PaymentMethodDetails {
  switch (type) {
    case 'card': return { card: card(amount), type }
    case 'sepa_debit': return { sepa_debit: sepaDebit(), type }
    case 'us_bank_account': return { type, us_bank_account: usBankAccount() }
  }
}

function card (amount: number): Stripe.Charge.PaymentMethodDetails.Card {
  return {
    amount_authorized: amount,
    authorization_code: '123456',
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month: 12,
    exp_year: 2034,
    extended_authorization: { status: 'disabled' },
    fingerprint: randomText(16),
    funding: 'credit',
    incremental_authorization: { status: 'unavailable' },
    installments: null,
    last4: '4242',
    mandate: null,
    multicapture: { status: 'unavailable' },
    network: 'visa',
    network_token: { used: false },
    network_transaction_id: '123456789012345',
    overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
    regulated_status: 'unregulated',
    three_d_secure: null,
    transaction_link_id: null,
    wallet: null
  }
}

function sepaDebit (): Stripe.Charge.PaymentMethodDetails.SepaDebit {
  return {
    bank_code: '37040044',
    branch_code: '',
    country: 'DE',
    fingerprint: randomText(16),
    last4: '3000',
    mandate: 'mandate_1' + randomText(23)
  }
}

function usBankAccount (): Stripe.Charge.PaymentMethodDetails.UsBankAccount {
  return {
    account_holder_type: 'individual',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    fingerprint: randomText(16),
    last4: '6789',
    mandate: 'mandate_1' + randomText(23),
    payment_reference: null,
    routing_number: '110000000'
  }
}
