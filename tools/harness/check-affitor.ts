import type { AffitorState, TrackingCall } from '../../sandbox/affitor/index.js'
import type { Book } from './book.js'

/** Whether Affitor holds every fact exactly once, with its amount, and nothing else. */
export function checkRecords (book: Book, affitor: AffitorState): string[] {
  const isReferred = (customerKey: string) => book.signups.get(customerKey)?.clickId !== undefined
  const leads = [...book.signups.keys()].filter(isReferred).map(key => `lead of ${key}`)
  const sales = [...book.sales].filter(([, sale]) => isReferred(sale.customerKey))
    .map(([id, { customerKey, amountCents, currency }]) => `sale ${id} of ${customerKey}, ${amountCents} ${currency}, with a commission`)
  const refunds = [...book.refunds.values()].filter(refund => isReferred(book.sales.get(refund.saleTransactionId)?.customerKey ?? ''))
    .map(({ saleTransactionId, amountCents }) => `refund of ${saleTransactionId}, ${amountCents}`)
  return [
    ...compare(leads, affitor.leads.map(lead => `lead of ${lead.customerKey}`)),
    ...compare(sales, affitor.sales.map(sale =>
      `sale ${sale.transactionId} of ${sale.customerKey}, ${sale.amountCents} ${sale.currency}, ${affitor.commissionOf(sale) === undefined ? 'without' : 'with'} a commission`)),
    ...compare(refunds, affitor.refunds.map(refund => `refund of ${refund.transactionId}, ${refund.amountCents}`)),
    ...compare([], affitor.testEvents.map(event => `test ${event.kind}`))
  ]
}

function compare (expected: string[], held: string[]): string[] {
  const times = new Map<string, number>()
  for (const one of held) times.set(one, (times.get(one) ?? 0) + 1)
  const wanted = new Set(expected)
  return [
    ...expected.filter(one => !times.has(one)).map(one => `Affitor does not hold the ${one}`),
    ...[...times].filter(([one]) => !wanted.has(one)).map(([one]) => `Affitor holds the ${one}, which is not so`),
    ...[...times].filter(([, count]) => count > 1).map(([one, count]) => `Affitor holds the ${one} ${count} times`)
  ]
}

/** Whether no sale was sent before its customer's lead was through, and no refund before its sale. */
export function checkOrder (calls: TrackingCall[]): string[] {
  const leads = callsThatCounted(calls, 'lead', 'customer_key')
  const sales = callsThatCounted(calls, 'sale', 'transaction_id')
  return calls.flatMap(({ id, endpoint, body }) => {
    const { customer_key: customer, transaction_id: sale } = fieldsOf(body)
    if (endpoint === 'sale' && id < (leads.get(String(customer)) ?? Infinity)) {
      return [`the sale ${sale} was sent before the lead of ${customer}: ${describe(calls, customer)}`]
    }
    if (endpoint === 'refund' && id < (sales.get(String(sale)) ?? Infinity)) return [`the refund of ${sale} was sent before it: ${describe(calls, sale)}`]
    return []
  })
}

/**
 * The number of the call that brought each fact through: the one that recorded it, or the first that was refused for
 * good. A call that its caller gave up, as its answer took too long, may be read after later ones, and changes nothing.
 */
function callsThatCounted (calls: TrackingCall[], endpoint: TrackingCall['endpoint'], field: string): Map<string, number> {
  const counted = new Map<string, number>()
  for (const call of calls.filter(one => one.endpoint === endpoint)) {
    const key = String(fieldsOf(call.body)[field])
    if (call.recorded || (call.status === 400 && !counted.has(key))) counted.set(key, call.id)
  }
  return counted
}

/** The calls that have to do with a customer or a sale, in the order of their arrival. */
function describe (calls: TrackingCall[], key: unknown): string {
  return calls.filter(({ body }) => Object.values(fieldsOf(body)).includes(key))
    .map(({ id, at, endpoint, body, status, recorded }) => `${id} ${at} ${endpoint} ${String(fieldsOf(body).transaction_id ?? '')} ${status ?? 'no answer'}${recorded ? ' recorded' : ''}`)
    .join('; ')
}

function fieldsOf (body: unknown): Record<string, unknown> {
  return (body ?? {}) as Record<string, unknown>
}
