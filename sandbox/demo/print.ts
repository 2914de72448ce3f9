import { formatMoney } from '#money'
import type { TrackingEvent } from '../../schemas/tracking.js'

/**
 * A sale's or refund's amount for a person; empty for a lead.
 * @param sales where a refund's sale is, which tells the currency
 */
export function amount (fact: TrackingEvent, sales: TrackingEvent[]): string {
  if (fact.kind === 'lead' || fact.payload === undefined) return ''
  const sale = sales.find(event => event.kind === 'sale' && event.transactionId === (fact.saleTransactionId ?? fact.transactionId))
  return sale?.kind === 'sale' && sale.payload !== undefined ? formatMoney(fact.payload.amountCents, sale.payload.currency) : ''
}

/** The ledger as a table. */
export function printLedger (events: TrackingEvent[]): void {
  const rows = events.map(event => [
    String(event.id), event.kind, shorten(event.transactionId), amount(event, events), event.state, event.reason ?? '', String(event.attempts)
  ])
  printTable(['id', 'kind', 'transaction id', 'amount', 'state', 'reason', 'attempts'], rows)
}

/** Stripe's ids are long; their start and end tell them apart. */
export function shorten (id: string): string {
  return id.length <= 36 ? id : `${id.slice(0, 20)}…${id.slice(-6)}`
}

function printTable (head: string[], rows: string[][]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: string[]) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()
  console.log([line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n'))
  console.log()
}
