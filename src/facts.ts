import { CLICK_ID_MAX_LENGTH, isStorable } from '../schemas/common.js'
import type { AttributedCustomer, TrackLeadInput, TrackOptions, TrackRefundInput, TrackResult, TrackSaleInput } from './affitor.js'
import type { SqlExecutor } from './database.js'
import { API_SOURCE } from './ledger/report-facts.js'
import type { ToldFact } from './ledger/report-facts.js'

/** @throws {TypeError} with a sentence, at once */
export function leadOf (input: TrackLeadInput): ToldFact {
  refuseOthers(input, ['customerExternalId', 'email', 'clickId'])
  return { kind: 'lead', customerKey: customerKeyOf(input), email: optionalText(input.email, 'email', 254), clickId: clickIdOf(input) }
}

/** @throws {TypeError} with a sentence, at once */
export function saleOf (input: TrackSaleInput): ToldFact {
  refuseOthers(input, ['customerExternalId', 'clickId', 'amount', 'invoiceId', 'currency', 'saleType', 'isRecurring', 'subscriptionId',
    'subscriptionInterval', 'productId', 'occurredAt'])
  const { occurredAt } = input
  if (occurredAt !== undefined && !(occurredAt instanceof Date && !Number.isNaN(occurredAt.getTime()))) throw new TypeError('occurredAt must be a Date.')
  return {
    kind: 'sale',
    customerKey: customerKeyOf(input),
    transactionId: requiredText(input.invoiceId, 'invoiceId', 255, 'It is your unique id of the payment.'),
    amountCents: cents(input.amount, 'amount'),
    currency: optionalText(input.currency, 'currency', 3),
    saleType: optionalText(input.saleType, 'saleType', 20),
    isRecurring: input.isRecurring,
    subscriptionId: optionalText(input.subscriptionId, 'subscriptionId', 255),
    subscriptionInterval: optionalText(input.subscriptionInterval, 'subscriptionInterval', 20),
    clickId: clickIdOf(input),
    productId: optionalText(input.productId, 'productId', 255),
    occurredAt
  }
}

/** @throws {TypeError} with a sentence, at once */
export function refundOf (input: TrackRefundInput): ToldFact {
  refuseOthers(input, ['invoiceId', 'refundAmountCents', 'refundReason', 'refundId'])
  const { refundAmountCents: amount } = input
  return {
    kind: 'refund',
    saleTransactionId: requiredText(input.invoiceId, 'invoiceId', 255, 'It is that of the sale.'),
    refundId: optionalText(input.refundId, 'refundId', 255),
    amountCents: amount === undefined || amount === 0 ? undefined : cents(amount, 'refundAmountCents'),
    reason: optionalText(input.refundReason, 'refundReason', 500)
  }
}

/** Fields of `@affitor/sdk` that are not taken, with what to do instead. */
const instead: Record<string, string> = {
  additionalData: 'Calls are marked as tests by the option affitor.testMode, for all of them.',
  eventName: 'It is a label that Affitor decides nothing by. Leave it out.'
}

/** A field that is not read would be lost in silence, if not a mistake of the pen. @throws {TypeError} with a sentence */
function refuseOthers (input: object, known: string[]): void {
  if (typeof input !== 'object' || input === null) throw new TypeError('The fact is missing: give an object.')
  const other = Object.entries(input).find(([name, value]) => value !== undefined && !known.includes(name))?.[0]
  if (other !== undefined) throw new TypeError(`${other} is not taken. ${instead[other] ?? `The fields are ${known.join(', ')}.`}`)
}

/** Stores a fact in the caller's transaction. @throws the database's error as it is */
export async function store (fact: ToldFact, executor: SqlExecutor): Promise<TrackResult> {
  const { rows: [row] } = await executor.query(...callOf(fact))
  return row as TrackResult
}

/** @throws {TypeError} with a sentence, at once */
export function checked (options: TrackOptions = {}): TrackOptions {
  const { db } = options
  if (db === undefined || typeof db?.query === 'function') return options
  throw new TypeError('db must run statements: a pg client, or fromDrizzle(tx, sql), fromPrisma(tx), fromKnex(trx), fromKysely(trx).')
}

/** @throws {TypeError} with a sentence */
export function customerKeyOf ({ customerExternalId }: Pick<AttributedCustomer, 'customerExternalId'>): string {
  return requiredText(customerExternalId, 'customerExternalId', 200, 'It is your own id of the user, as a text.')
}

/** @throws {TypeError} with a sentence */
export function clickIdOf ({ clickId }: Pick<AttributedCustomer, 'clickId'>): string | null {
  return optionalText(clickId, 'clickId', CLICK_ID_MAX_LENGTH)
}

/** A call of one of the SQL functions; what is not told is left to the function's own default. */
function callOf ({ kind, ...args }: ToldFact): [text: string, values: unknown[]] {
  const told = Object.entries({ ...args, source: API_SOURCE }).filter(([, value]) => value !== undefined && value !== null)
  const list = told.map(([name], i) => `${name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)} => $${i + 1}::${types[name] ?? 'text'}`)
  // As text, which every driver sends alike: the casts say what it is.
  const values = told.map(([, value]) => value instanceof Date ? value.toISOString() : String(value))
  return [`select id::float8 as id, state, created from affitor.track_${kind}(${list.join(', ')})`, values]
}

/** Of arguments that are no text. */
const types: Record<string, string> = { amountCents: 'bigint', isRecurring: 'boolean', occurredAt: 'timestamptz' }

function requiredText (value: unknown, name: string, maxLength: number, hint: string): string {
  const text = optionalText(value, name, maxLength)
  if (text === null) throw new TypeError(`${name} is missing. ${hint}`)
  return text
}

function optionalText (value: unknown, name: string, maxLength: number): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw new TypeError(`${name} must be a text, not a ${typeof value}.`)
  // Characters, as PostgreSQL counts them: an emoji has two places in a string.
  if (value.length > maxLength && [...value].length > maxLength) throw new TypeError(`${name} must have at most ${maxLength} characters.`)
  if (!isStorable(value)) throw new TypeError(`${name} must not contain a NUL character, nor half of a surrogate pair.`)
  return value
}

function cents (value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  throw new TypeError(`${name} must be a whole number above 0, in the currency's smallest unit (cents).`)
}
