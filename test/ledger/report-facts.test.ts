import fc from 'fast-check'
import t from 'tap'
import { createNotifier } from '../../src/db/notifications.js'
import { FactRefusedError, openReports } from '../../src/ledger/report-facts.js'
import type { ToldFact } from '../../src/ledger/report-facts.js'
import { openLedger } from '../helpers/ledger.js'

const ledger = await openLedger(t)
const report = openReports(ledger.db, createNotifier(ledger.pool))

t.test('facts that come at once share a transaction, and the order of a customer stays', async t => {
  const sales = Array.from({ length: 120 }, (_, i): ToldFact => ({ kind: 'sale', customerKey: `shared_${i % 3}`, transactionId: `shared_order_${i}`, amountCents: 100 }))
  const facts = sales.flatMap((sale): ToldFact[] => sale.kind === 'sale' ? [sale, { kind: 'refund', saleTransactionId: sale.transactionId, amountCents: 1 }] : [])
  await Promise.all(facts.map(report))
  const rows = await ledger.query("select transaction_id, created_at::text from tracking_events where transaction_id like 'shared_order_%' order by id")
  t.same(rows.map(row => row.transaction_id), sales.flatMap((_, i) => [`shared_order_${i}`, `shared_order_${i}:refund`]))
  t.equal(new Set(rows.map(row => row.created_at)).size, Math.ceil(240 / 50))
})

t.test('one that is refused fails alone', async t => {
  const outcomes = await Promise.allSettled([
    report({ kind: 'lead', customerKey: 'alone' }),
    report({ kind: 'refund', saleTransactionId: 'unknown' }),
    report({ kind: 'sale', customerKey: 'alone', transactionId: 'alone_1', amountCents: 1, currency: 'too long' }),
    report({ kind: 'sale', customerKey: 'alone', transactionId: 'alone_2', amountCents: 1 }),
    report({ kind: 'refund', saleTransactionId: 'alone_2', amountCents: 2 })
  ])
  t.same(outcomes.map(outcome => outcome.status === 'fulfilled' ? outcome.value.created : (outcome.reason as FactRefusedError).code), [true, 'P0002', '22023', true, '22023'])
  const rows = await ledger.query("select distinct created_at from tracking_events where customer_key = 'alone'")
  t.equal(rows.length, 1, 'one transaction, whatever came with it')
})

/** What the ledger is to hold, in a few lines of its own. */
class Model {
  readonly leads = new Map<string, { clickId?: string | undefined }>()
  readonly sales = new Map<string, { customerKey: string, amountCents: number, currency: string }>()
  readonly refunds = new Map<string, { sale: string, amountCents: number }>()

  /** @returns `created`, `same`, or why not */
  tell (fact: ToldFact): string {
    if (fact.kind === 'lead') return this.#tellLead(fact)
    return fact.kind === 'sale' ? this.#tellSale(fact) : this.#tellRefund(fact)
  }

  #tellLead ({ customerKey, clickId }: ToldFact & { kind: 'lead' }): string {
    const stored = this.leads.get(customerKey)
    if (stored !== undefined) return clickId == null || clickId === stored.clickId ? 'same' : 'conflict'
    this.leads.set(customerKey, { clickId: clickId ?? undefined })
    return 'created'
  }

  #tellSale ({ customerKey, transactionId, amountCents, currency }: ToldFact & { kind: 'sale' }): string {
    const stored = this.sales.get(transactionId)
    if (stored === undefined) {
      this.sales.set(transactionId, { customerKey, amountCents, currency: currency ?? 'USD' })
      return 'created'
    }
    return stored.customerKey === customerKey && stored.amountCents === amountCents && (currency ?? stored.currency) === stored.currency ? 'same' : 'conflict'
  }

  #tellRefund ({ saleTransactionId: sale, refundId, amountCents }: ToldFact & { kind: 'refund' }): string {
    const total = this.sales.get(sale)?.amountCents
    if (total === undefined) return 'P0002'
    const left = total - this.refunded(sale)
    const id = refundId ?? `${sale}:refund`
    const stored = this.refunds.get(id)
    if (stored !== undefined) {
      if (refundId == null && (amountCents == null ? left > 0 : amountCents !== stored.amountCents)) return '23505'
      return stored.sale === sale && (amountCents ?? stored.amountCents) === stored.amountCents ? 'same' : 'conflict'
    }
    if (left < (amountCents ?? 1)) return '22023'
    this.refunds.set(id, { sale, amountCents: amountCents ?? left })
    return 'created'
  }

  refunded (sale: string): number {
    return [...this.refunds.values()].filter(refund => refund.sale === sale).reduce((sum, { amountCents }) => sum + amountCents, 0)
  }
}

const customerKey = fc.constantFrom('ada', 'bob')
const transactionId = fc.constantFrom('o1', 'o2', 'o3')
const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined })
const told: fc.Arbitrary<ToldFact> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lead' as const), customerKey, clickId: some('click_1', 'click_2') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sale' as const), customerKey, transactionId, amountCents: fc.constantFrom(100, 300), currency: some('USD', 'EUR') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('refund' as const), saleTransactionId: transactionId, refundId: some('r1', 'r2', 'r3'), amountCents: some(50, 100, 250) }) }
)

/** The same names in every run, each run's own keys. */
function within (run: number, fact: ToldFact): ToldFact {
  const own = (name: string) => `${run}_${name}`
  if (fact.kind === 'lead') return { ...fact, customerKey: own(fact.customerKey) }
  if (fact.kind === 'sale') return { ...fact, customerKey: own(fact.customerKey), transactionId: own(fact.transactionId) }
  return { ...fact, saleTransactionId: own(fact.saleTransactionId), refundId: fact.refundId == null ? undefined : own(fact.refundId) }
}

async function outcomeOf (fact: ToldFact): Promise<string> {
  try {
    const { created, differences } = await report(fact)
    return created ? 'created' : differences.length > 0 ? 'conflict' : 'same'
  } catch (error) {
    if (error instanceof FactRefusedError) return error.code
    throw error
  }
}

t.test('whatever is told, again, changed or in another order: the ledger is what the model says', async t => {
  let run = 0
  await fc.assert(fc.asyncProperty(fc.array(fc.array(told, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), async steps => {
    run++
    const model = new Model()
    for (const together of steps) {
      const facts = together.map(fact => within(run, fact))
      const outcomes = await Promise.all(facts.map(outcomeOf))
      const expected = facts.map(fact => model.tell(fact))
      if (JSON.stringify(outcomes) !== JSON.stringify(expected)) throw new Error(`${JSON.stringify(facts)}: ${outcomes.join()} instead of ${expected.join()}`)
    }
    const rows = await ledger.query('select kind, transaction_id as id, customer_key as customer, sale_transaction_id as sale, payload from tracking_events where customer_key like $1', [`${run}\\_%`])
    const seen = rows.map(({ kind, id, customer, sale, payload }) => JSON.stringify([kind, id, customer, sale, (payload as { amountCents?: number }).amountCents ?? null]))
    const wanted = [
      ...[...model.leads.keys()].map(key => ['lead', key, key, null, null]),
      ...[...model.sales].map(([id, sale]) => ['sale', id, sale.customerKey, null, sale.amountCents]),
      ...[...model.refunds].map(([id, refund]) => ['refund', id, model.sales.get(refund.sale)?.customerKey, refund.sale, refund.amountCents])
    ].map(row => JSON.stringify(row))
    if (JSON.stringify(seen.sort()) !== JSON.stringify(wanted.sort())) throw new Error(`${seen.join()} instead of ${wanted.join()}`)
    for (const [id, { amountCents }] of model.sales) if (model.refunded(id) > amountCents) throw new Error(`more than ${id} was given back`)
  }), { numRuns: Number(process.env.FACTS_RUNS ?? 100) })
  t.pass(`${run} runs`)
})
