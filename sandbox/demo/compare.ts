import { formatMoney } from '#money'
import type { TrackingEvent } from '../../schemas/tracking.js'
import type { Sandbox } from './sandbox.js'

/** What the demo reads of the Affitor stand-in's state. */
interface AffitorRecords {
  leads: Array<{ customerKey: string | null }>
  sales: Array<{ id: number, transactionId: string, amountCents: number, currency: string }>
  refunds: Array<{ transactionId: string, refundAmountCents: number | null }>
  commissions: Array<{ saleId: number, amountCents: number, currency: string, deductedCents: number }>
}

/**
 * Holds what the ledger calls delivered against what Affitor recorded.
 * @returns the differences, a sentence each
 */
export async function compareWithAffitor (sandbox: Sandbox, customerKey: string, ledger: TrackingEvent[]): Promise<string[]> {
  const records = await sandbox.call<AffitorRecords>(`${sandbox.affitor}/_sandbox/state`)
  const delivered = ledger.filter(event => event.state === 'delivered')
  const differences: string[] = []

  const leads = records.leads.filter(lead => lead.customerKey === customerKey).length
  if (leads !== 1) differences.push(`Affitor holds ${leads} leads of the customer instead of one`)

  const sales = delivered.filter(event => event.kind === 'sale')
  for (const { transactionId, payload } of sales) {
    const recorded = records.sales.filter(sale => sale.transactionId === transactionId)
    const agrees = recorded.length === 1 && payload !== undefined &&
      recorded[0]?.amountCents === payload.amountCents && recorded[0].currency === payload.currency
    if (!agrees) differences.push(`sale ${transactionId} is recorded as ${JSON.stringify(recorded)}`)
  }
  for (const { saleTransactionId, transactionId } of delivered.filter(event => event.kind === 'refund')) {
    const recorded = records.refunds.filter(refund => refund.transactionId === saleTransactionId)
    if (recorded.length !== 1) differences.push(`refund ${transactionId} is recorded ${recorded.length} times`)
  }

  const ours = new Set(sales.map(sale => sale.transactionId))
  const saleIds = new Set(records.sales.filter(sale => ours.has(sale.transactionId)).map(sale => sale.id))
  const earned = new Map<string, number>()
  for (const { saleId, amountCents, currency, deductedCents } of records.commissions) {
    if (saleIds.has(saleId)) earned.set(currency, (earned.get(currency) ?? 0) + amountCents - deductedCents)
  }
  const kept = [...earned].map(([currency, cents]) => formatMoney(cents, currency)).join(' and ')
  if (differences.length === 0) console.log(`  The ledger and Affitor agree. The partner keeps ${kept} of commission.\n`)
  return differences
}
