import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import type { Book } from './book.js'
import type { Ledger, TrackingRow } from './ledger.js'

/** What was acknowledged and is not in the database, what is there and should not be, and what is stuck. */
export async function checkLedger (book: Book, ledger: Ledger): Promise<string[]> {
  const [rows, events, users, checkouts] = await Promise.all([
    ledger.trackingEvents(), ledger.stripeEvents(), ledger.users(), ledger.checkoutSessions()
  ])
  const ofKind = (kind: TrackingRow['kind']) => new Map(rows
    .filter(row => row.kind === kind && row.reason !== 'twin_of_session').map(row => [row.transaction_id, row]))
  const [leads, sales, refunds] = [ofKind('lead'), ofKind('sale'), ofKind('refund')]
  const needed = [...book.events].filter(([, type]) => NEEDED_EVENT_TYPES.has(type)).map(([id]) => id)
  return [
    ...differences('user', book.signups.keys(), users),
    ...differences('lead', book.signups.keys(), leads),
    ...differences('checkout', book.checkouts.keys(), checkouts),
    ...differences('Stripe event', needed, new Set(events.map(event => event.id))),
    ...differences('sale', book.sales.keys(), sales),
    ...differences('refund', book.refunds.keys(), refunds),
    ...rows.flatMap(row => problemOf(row, expectedState(row, book))),
    ...events.filter(event => event.state !== 'interpreted' && event.state !== 'ignored').map(event =>
      `the Stripe event ${event.id} (${event.type}) is ${event.state}: ${event.last_error}`),
    ...[...rows, ...events].filter(row => row.leased_by !== null).map(row => `a lease is left behind: ${JSON.stringify(row)}`)
  ]
}

function differences (what: string, promised: Iterable<string>, stored: Pick<Set<string>, 'has' | 'keys'>): string[] {
  const wanted = new Set(promised)
  return [
    ...[...wanted].filter(id => !stored.has(id)).map(id => `LOST: the ${what} ${id} was acknowledged and is not in the database`),
    ...[...stored.keys()].filter(id => !wanted.has(id)).map(id => `the ${what} ${id} is in the database and nobody caused it`)
  ]
}

/** Affitor knows the customers that a partner referred, and nothing of the others. */
function expectedState (row: TrackingRow, book: Book): string {
  if (row.reason === 'twin_of_session') return 'skipped'
  if (book.signups.get(row.customer_key)?.clickId !== undefined) return 'delivered'
  return row.kind === 'refund' ? 'skipped' : 'unattributed'
}

function problemOf (row: TrackingRow, expected: string): string[] {
  if (row.state === expected || isExplained(row)) return []
  const { kind, transaction_id: id, state, reason, statuses, last_error: error } = row
  return [`the ${kind} ${id} is ${state} (${reason}), not ${expected}; answers ${statuses.join(', ')}; last error ${error}`]
}

/**
 * A sale that Affitor answered 500 once, then recorded without its answer coming through, then 409: the service
 * cannot tell whether a commission was made, so a person must look. That the sale is there, the other check sees.
 */
export function isExplained ({ kind, state, reason, statuses }: TrackingRow): boolean {
  return kind === 'sale' && state === 'needs_attention' && reason === 'transaction_id_used_up' &&
    statuses.some(status => status >= 500) && statuses.at(-1) === 409
}
