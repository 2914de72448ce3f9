import t from 'tap'
import { eventually } from '../helpers/eventually.js'
import { startAffitor } from '../helpers/affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { startService } from '../helpers/service.js'
import { makeWorkers, NEVER_MS } from '../helpers/workers.js'

const CUSTOMERS = 30

/** The tracking calls of each customer, in the order of their arrival. */
function callsByCustomer (calls: Array<{ endpoint: string, body: unknown, status: number | null }>, customerOf: (transactionId: string) => string) {
  const byCustomer = new Map<string, string[]>()
  for (const { endpoint, body, status } of calls) {
    const { customer_key: key, transaction_id: transactionId } = body as { customer_key?: string, transaction_id?: string }
    const customer = key ?? customerOf(transactionId ?? '')
    byCustomer.set(customer, [...byCustomer.get(customer) ?? [], `${endpoint} ${status}`])
  }
  return byCustomer
}

t.test('a lead goes before its sale and the sale before its refund, with Affitor slow and two workers at it', async t => {
  const service = await startService(t)
  const ledger = await openLedger(t, service.connectionString)
  const customers = await Promise.all(Array.from({ length: CUSTOMERS }, async () =>
    (await service.signUp({ affitorClickId: await service.affitor.click() })).userId))
  for (const customerKey of customers) {
    await ledger.add(
      { customerKey, transactionId: `cs_${customerKey}` },
      { kind: 'refund', customerKey, saleTransactionId: `cs_${customerKey}` },
      { customerKey, transactionId: `in_${customerKey}` })
  }
  service.affitor.behave({ latencyMs: { min: 0, max: 60 } })
  const workers = [1, 2].map(() => makeWorkers(t, ledger, { affitor: service.affitor, pollMs: 50 }))
  for (const each of workers) each.start()
  await eventually('all is delivered', async () => (await ledger.rows()).every(row => row.state !== 'pending'))

  t.same(new Set((await ledger.rows()).map(row => `${row.state} ${row.attempts}`)), new Set(['delivered 1']))
  const calls = callsByCustomer(service.affitor.calls().filter(call => call.endpoint !== 'click'), id => id.slice('cs_'.length))
  t.equal(calls.size, CUSTOMERS)
  for (const customer of customers) t.same(calls.get(customer), ['lead 200', 'sale 200', 'refund 200', 'sale 200'])
})

t.test('customers do not wait for each other: as many calls at once as allowed, and no more', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await ledger.add(...Array.from({ length: 12 }, () => ({ kind: 'lead' as const })))
  affitor.behave({ latencyMs: 600_000 })
  const workers = makeWorkers(t, ledger, { affitor, pollMs: NEVER_MS, stopGraceMs: 0, delivery: { concurrency: 5 } })
  workers.start()
  await eventually('five calls run', () => affitor.calls().length === 5)
  t.equal((await ledger.rows()).filter(row => row.leased_by !== null).length, 10, 'and five are at hand')
  await workers.stop()
  t.equal(affitor.calls().length, 5)
  t.equal((await ledger.rows()).filter(row => row.attempts === 0).length, 7, 'which were given back')
})
