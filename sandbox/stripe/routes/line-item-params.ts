import type Stripe from 'stripe'
import { productName } from '../catalog.js'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { lineItem, price, product, recurring } from '../objects/index.js'
import { nested, readChoice, readInteger, readList, readObject, readString, refuseUnknown, requireString } from '../params.js'
import type { Form, FormValue } from '../params.js'
import { readMetadata } from '../metadata.js'

const MAX_LINE_ITEMS = 100
const LINE_ITEM = ['adjustable_quantity', 'metadata', 'price', 'price_data', 'quantity', 'tax_rates']
const PRICE_DATA = ['currency', 'product', 'product_data', 'recurring', 'tax_behavior', 'unit_amount', 'unit_amount_decimal']
const PRODUCT_DATA = ['description', 'images', 'metadata', 'name', 'tax_code', 'tax_details', 'unit_label']

/** Reads `line_items` and checks that their prices suit the mode. */
export function readLineItems (
  context: SandboxContext, form: Form, mode: Stripe.Checkout.Session.Mode
): Stripe.LineItem[] {
  const list = readList(form, 'line_items')
  if (mode === 'setup') {
    if (list !== undefined) throw invalidRequest('You can not pass `line_items` in `setup` mode.', 'line_items')
    return []
  }
  if (list === undefined || list.length === 0) throw parameterMissing('line_items')
  const items = readItems(context, list)
  checkMode(items, mode)
  checkCurrency(items)
  return items
}

/** Reads the line items of a quote, which mixes one-time and recurring prices as it likes. */
export function readQuoteItems (context: SandboxContext, form: Form): Stripe.LineItem[] {
  const items = readItems(context, readList(form, 'line_items') ?? [], 1)
  checkCurrency(items)
  return items
}

function readItems (context: SandboxContext, list: FormValue[], quantity?: number): Stripe.LineItem[] {
  if (list.length > MAX_LINE_ITEMS) throw invalidRequest(`line_items can have at most ${MAX_LINE_ITEMS} items.`, 'line_items')
  return list.map((item, index) => {
    if (typeof item !== 'object' || Array.isArray(item)) throw invalidRequest('Invalid object', `line_items[${index}]`)
    return readLineItem(context, item, `line_items[${index}]`, quantity)
  })
}

function readLineItem (context: SandboxContext, form: Form, parent: string, byDefault?: number): Stripe.LineItem {
  refuseUnknown(form, LINE_ITEM, parent)
  if (form.tax_rates !== undefined) throw notInSandbox(`${parent}[tax_rates]`)
  const chosen = readPrice(context, form, parent)
  const quantity = readInteger(form, 'quantity', { min: 1, max: 999_999, parent }) ?? byDefault
  if (quantity === undefined) throw invalidRequest(`Quantity is required. Add \`quantity\` to \`${parent}\``, nested(parent, 'quantity'))
  return lineItem({
    description: productName(context.state, chosen),
    metadata: readMetadata(form, parent),
    price: chosen,
    quantity
  })
}

function readPrice (context: SandboxContext, form: Form, parent: string): Stripe.Price {
  const id = readString(form, 'price', { parent })
  const data = readObject(form, 'price_data', parent)
  if (id !== undefined && data !== undefined) {
    throw invalidRequest(`You may only specify one of these parameters: ${parent}[price], ${parent}[price_data].`, parent)
  }
  if (data !== undefined) return readPriceData(context, data, nested(parent, 'price_data'))
  if (id === undefined) throw parameterMissing(nested(parent, 'price'))
  const found = context.state.prices.get(id)
  if (found === undefined) throw resourceMissing('price', id, nested(parent, 'price'))
  if (!found.active) {
    throw invalidRequest('The price specified is inactive. This field only accepts active prices.', nested(parent, 'price'))
  }
  return found
}

function readPriceData (context: SandboxContext, form: Form, parent: string): Stripe.Price {
  refuseUnknown(form, PRICE_DATA, parent)
  if (form.unit_amount_decimal !== undefined) throw notInSandbox(`${parent}[unit_amount_decimal]`)
  const currency = requireString(form, 'currency', { parent }).toLowerCase()
  if (!/^[a-z]{3}$/.test(currency)) throw invalidRequest(`Invalid currency: ${currency}.`, nested(parent, 'currency'))
  const unitAmount = readInteger(form, 'unit_amount', { min: 0, max: 99_999_999, parent })
  if (unitAmount === undefined) throw parameterMissing(nested(parent, 'unit_amount'))
  const interval = readObject(form, 'recurring', parent)
  const made = price({
    active: false,
    created: timestamp(context),
    currency,
    product: readProduct(context, form, parent).id,
    recurring: interval === undefined ? null : readRecurring(interval, nested(parent, 'recurring')),
    unit_amount: unitAmount
  })
  context.state.prices.set(made.id, made)
  return made
}

function readRecurring (form: Form, parent: string): Stripe.Price.Recurring {
  refuseUnknown(form, ['interval', 'interval_count'], parent)
  const interval = readChoice(form, 'interval', ['day', 'month', 'week', 'year'], parent)
  if (interval === undefined) throw parameterMissing(nested(parent, 'interval'))
  return recurring(interval, readInteger(form, 'interval_count', { min: 1, max: 36, parent }) ?? 1)
}

function readProduct (context: SandboxContext, form: Form, parent: string): Stripe.Product {
  const id = readString(form, 'product', { parent })
  const data = readObject(form, 'product_data', parent)
  if (id !== undefined) {
    const found = context.state.products.get(id)
    if (found === undefined) throw resourceMissing('product', id, nested(parent, 'product'))
    return found
  }
  if (data === undefined) throw parameterMissing(nested(parent, 'product_data'))
  const dataParent = nested(parent, 'product_data')
  refuseUnknown(data, PRODUCT_DATA, dataParent)
  const made = product({
    active: false,
    created: timestamp(context),
    description: readString(data, 'description', { parent: dataParent }) ?? null,
    metadata: readMetadata(data, dataParent),
    name: requireString(data, 'name', { parent: dataParent })
  })
  context.state.products.set(made.id, made)
  return made
}

function checkMode (items: Stripe.LineItem[], mode: Stripe.Checkout.Session.Mode): void {
  const recurringAt = items.findIndex((item) => item.price?.type === 'recurring')
  if (mode === 'payment' && recurringAt >= 0) {
    throw invalidRequest(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      `line_items[${recurringAt}]`
    )
  }
  if (mode === 'subscription' && recurringAt < 0) {
    throw invalidRequest('You must provide at least one recurring price in `subscription` mode when using prices.', 'line_items')
  }
}

function checkCurrency (items: Stripe.LineItem[]): void {
  const [first] = items
  const other = items.findIndex((item) => item.currency !== first?.currency)
  if (other >= 0) {
    throw invalidRequest(
      `The price specified only supports \`${items[other]?.currency}\`. This doesn't match the expected currency: \`${first?.currency}\`.`,
      `line_items[${other}]`
    )
  }
}
