/** What a stored Stripe event keeps of a customer who was forgotten. Whatever is not named here goes. */

/** Ids of Stripe objects: by them facts are found again, and nothing is counted twice. */
const IDS = new Set(['id', ...words(`
  account application balance_transaction charge checkout_session credit_note customer dispute invoice invoice_item latest_charge
  payment_intent payment_link quote refund session setup_intent subscription subscription_item subscription_schedule test_clock`)])
/** Ids that the shop may have made up, such as a product's. */
const SHOP_IDS = new Set(['plan', 'price', 'product'])
const ENUMS = new Set(words(`
  billing_reason billing_scheme capture_method collection_method currency failure_reason interval mode object pending_reason
  payment_status reason scheme status tax_behavior taxability_reason type ui_mode usage_type`))
/** A number under a key with one of these words is an amount, a time or a count; `exp_month` has none. */
const NUMBERS = new Set(words('amount amounts at balance by captured count created date due end fee from interval net on paid percent quantity refunded remaining start subtotal tax total until'))
/** What checkout plants, but for the click: whose a payment is, and of which program. */
const OWN_METADATA = ['affitor_customer_key', 'program_id']

const ID = /^[\w.:-]{1,255}$/
const ENUM = /^[a-z][a-z0-9_.-]{0,99}$/i
const KEY = /^[a-z][a-z0-9_]{0,99}$/
/** No object of Stripe's is nested deeper; what is would be deeper than the stack. */
const MOST_LEVELS = 50

/**
 * The event without what is personal: names, addresses, cards, descriptions, links, metadata that is not ours, our click.
 * Interpreted again it gives the same facts, without their click. What was redacted before stays as it is.
 * @param payload JSON
 * @param customerKey a `client_reference_id` is kept when it is this
 */
export function redactStripeEvent (payload: string, customerKey: string): string {
  return JSON.stringify(redactObject(JSON.parse(payload) as object, customerKey, 0))
}

function redactObject (object: object, customerKey: string, level: number): object {
  return Object.fromEntries(Object.entries(object).flatMap(([key, value]: [string, unknown]) => {
    const kept = KEY.test(key) ? redact(key, value, customerKey, level + 1) : undefined
    return kept === undefined ? [] : [[key, kept]]
  }))
}

/** @returns undefined for what goes */
function redact (key: string, value: unknown, customerKey: string, level: number): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number') return isCounted(key) ? value : undefined
  if (typeof value === 'string') return isKept(key, value, customerKey) ? value : undefined
  if (level > MOST_LEVELS) return undefined
  if (Array.isArray(value)) return value.map(part => redact(key, part, customerKey, level + 1)).filter(part => part !== undefined)
  return key === 'metadata' ? redactMetadata(value as object) : redactObject(value as object, customerKey, level)
}

function isCounted (key: string): boolean {
  const parts = key.split('_')
  return parts.some(part => NUMBERS.has(part)) && !parts.includes('id')
}

function isKept (key: string, value: string, customerKey: string): boolean {
  if (IDS.has(key)) return ID.test(value) && !value.includes('_secret_')
  if (SHOP_IDS.has(key)) return value.length <= 255
  if (ENUMS.has(key)) return ENUM.test(value)
  return key === 'api_version' ? ID.test(value) : key === 'client_reference_id' && value === customerKey
}

/** Metadata that had something is not empty afterwards: of old invoices the first line that has any is the subscription's. */
function redactMetadata (metadata: object): object {
  const own = Object.entries(metadata).filter(([key]) => OWN_METADATA.includes(key))
  return own.length === 0 && Object.keys(metadata).length > 0 ? { removed: true } : Object.fromEntries(own)
}

function words (text: string): string[] {
  return text.trim().split(/\s+/)
}
