import t from 'tap'
import { releaseLeases, releaseTrackingEvent } from '../../src/ledger/delivery.js'
import { insertFacts } from '../../src/ledger/facts.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'

const delivered = { state: 'delivered', reason: null, attempt: { status: 200, error: null, response: { success: true }, durationMs: 1 } } as const
const failure = { status: 503, error: 'no', response: null, durationMs: 1 }

const idsOf = (events: Array<{ id: number }>) => events.map(event => event.id)
const expireLeases = (ledger: TestLedger) => ledger.query("update tracking_events set leased_until = now() - interval '1 second' where leased_by is not null")

t.test('of a customer only the oldest pending event is claimed; customers go side by side', async t => {
  const ledger = await openLedger(t)
  const [lead = 0, sale = 0, other = 0] = await ledger.add(
    { kind: 'lead', customerKey: 'ada' }, { kind: 'sale', customerKey: 'ada', transactionId: 'cs_1' }, { customerKey: 'bob' },
    { kind: 'refund', customerKey: 'ada', saleTransactionId: 'cs_1' })

  t.same(idsOf(await ledger.claim('a')), [lead, other])
  t.same(await ledger.claim('b'), [], 'the sale waits while its lead is on its way')
  await ledger.settle('a', lead, delivered)
  t.match(await ledger.claim('b'), [{ id: sale, kind: 'sale', transactionId: 'cs_1', leadState: null, attempts: 1, isProbe: false }])
  await ledger.postpone('b', sale, 60_000, failure)
  t.same(await ledger.claim('b'), [], 'the refund waits as long as its sale does')
})

t.test('what waits behind a postponed event is due with it, also what comes later: no look for work passes over it', async t => {
  const ledger = await openLedger(t)
  const [lead = 0, sale = 0] = await ledger.add(
    { kind: 'lead', customerKey: 'ada', transactionId: 'ada' }, { kind: 'sale', customerKey: 'ada', transactionId: 'cs_1' }, { customerKey: 'bob' })
  await ledger.claim('a')
  await ledger.postpone('a', lead, 3_600_000, failure)
  await ledger.db.transaction(async tx => await insertFacts(tx, [
    { source: 'evt_2', kind: 'sale', transactionId: 'cs_2', customerKey: 'ada', payload: { v: 1, amountCents: 1, currency: 'USD', saleType: 'payment', isRecurring: false } }
  ]))
  const [leadDue = 0, saleDue, bobDue = 0, laterDue] = (await ledger.rows()).map(row => row.next_attempt_at?.getTime())
  t.ok(leadDue - Date.now() > 3_500_000)
  t.equal(saleDue, leadDue)
  t.equal(laterDue, leadDue)
  t.ok(bobDue <= Date.now(), 'another customer\'s are not touched')

  await ledger.query("update tracking_events set next_attempt_at = now() - interval '1 second' where customer_key = 'ada'")
  t.same(idsOf(await ledger.claim('a')), [lead])
  await ledger.settle('a', lead, delivered)
  t.same(idsOf(await ledger.claim('a')), [sale], 'and goes when its turn has come')
})

t.test('any final state lets the next event of the customer go', async t => {
  const ledger = await openLedger(t)
  for (const state of ['delivered', 'unattributed', 'rejected', 'needs_attention', 'skipped'] as const) {
    const [first = 0, second = 0] = await ledger.add({ customerKey: state }, { customerKey: state })
    t.same(idsOf(await ledger.claim('a')), [first])
    t.equal(await ledger.settle('a', first, { state, reason: null }), true)
    t.same(idsOf(await ledger.claim('a')), [second])
    await ledger.settle('a', second, delivered)
  }
})

t.test('of 500 events that 4 owners claim at once, each is claimed once', async t => {
  const ledger = await openLedger(t)
  await ledger.query(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    select 'sale', 'cs_' || n, 'customer_' || n, '{}', 'test' from generate_series(1, 500) n`)
  const claimed: number[] = []
  await Promise.all(['a', 'b', 'c', 'd'].map(async owner => {
    for (;;) {
      const ids = idsOf(await ledger.claim(owner, { limit: 7 }))
      // A round may bring nothing only because the others hold the rows that it looked at.
      if (ids.length === 0 && claimed.length === 500) return
      claimed.push(...ids)
      if (claimed.length > 500) return
    }
  }))
  t.equal(claimed.length, 500)
  t.equal(new Set(claimed).size, 500)
  t.same(await ledger.query('select distinct attempts from tracking_events'), [{ attempts: 1 }])
})

t.test('claims and settlements of many owners at once keep each customer in order, one event at a time', async t => {
  const ledger = await openLedger(t)
  await ledger.query(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    select 'sale', 'cs_' || n, 'customer_' || n % 5, '{}', 'test' from generate_series(1, 100) n`)
  const running = new Set<string>()
  const order = new Map<string, number[]>()
  let settled = 0
  await Promise.all(['a', 'b', 'c', 'd'].map(async owner => {
    while (settled < 100) {
      for (const { id, customerKey } of await ledger.claim(owner, { limit: 2 })) {
        if (running.has(customerKey)) t.fail(`two events of ${customerKey} at once`)
        running.add(customerKey)
        order.set(customerKey, [...order.get(customerKey) ?? [], id])
        await new Promise(resolve => setImmediate(resolve))
        running.delete(customerKey)
        if (!await ledger.settle(owner, id, delivered)) t.fail('a held lease was lost')
        settled++
      }
    }
  }))
  for (const [customer, ids] of order) t.same(ids, [...ids].sort((a, b) => a - b), customer)
})

t.test('a lease that ran out is claimed again, and its late owner changes nothing', async t => {
  const ledger = await openLedger(t)
  const [id = 0] = await ledger.add({})
  t.same(idsOf(await ledger.claim('late')), [id])
  t.same(await ledger.claim('next'), [])
  await expireLeases(ledger)
  t.match(await ledger.claim('next'), [{ id, attempts: 2, mayHaveArrived: true }], 'the lost attempt may have arrived')
  const before = await ledger.row(id)

  t.equal(await ledger.settle('late', id, { ...delivered, state: 'rejected' }), false)
  t.equal(await ledger.postpone('late', id, 0, failure), undefined)
  await releaseTrackingEvent(ledger.db, 'late', id)
  await releaseLeases(ledger.db, 'late')
  t.same(await ledger.row(id), before)
  t.same(await ledger.query('select * from delivery_attempts'), [])

  t.equal(await ledger.settle('next', id, delivered), true)
  t.equal(await ledger.settle('next', id, delivered), false, 'once')
  t.match(await ledger.row(id), { state: 'delivered', leased_by: null, leased_until: null, next_attempt_at: null, settled_at: Date })
})

t.test('a released event is as if it had not been claimed', async t => {
  const ledger = await openLedger(t)
  const [id = 0, other = 0] = await ledger.add({}, {})
  const before = await ledger.rows()
  await ledger.claim('a')
  await releaseTrackingEvent(ledger.db, 'a', id)
  t.match(await ledger.row(other), { leased_by: 'a', attempts: 1 })
  await releaseTrackingEvent(ledger.db, 'a', other)
  t.same(await ledger.rows(), before, 'the retry time has not begun either')
})

t.test('leases given back at a stop keep the attempts: their calls may have arrived', async t => {
  const ledger = await openLedger(t)
  const [id = 0] = await ledger.add({})
  await ledger.claim('a')
  await releaseLeases(ledger.db, 'a')
  t.match(await ledger.row(id), { leased_by: null, leased_until: null, attempts: 1 })
  t.match(await ledger.claim('b'), [{ id, attempts: 2, mayHaveArrived: true }])
})

t.test('an event is told what became of its attempts, of its lead, its sale and earlier refunds', async t => {
  const ledger = await openLedger(t)
  const [lead = 0, sale = 0, refund = 0, second = 0] = await ledger.add(
    { kind: 'lead', transactionId: 'ada', customerKey: 'ada' }, { customerKey: 'ada', transactionId: 'cs_1' },
    { kind: 'refund', customerKey: 'ada', saleTransactionId: 'cs_1' }, { kind: 'refund', customerKey: 'ada', saleTransactionId: 'cs_1' })
  const attempt = async (id: number, status: number, error = failure.error) => {
    const [claimed] = await ledger.claim('a')
    t.equal(await ledger.postpone('a', id, 0, { ...failure, status, error }), 'pending')
    return claimed
  }
  const untold = { mayHaveArrived: false, hadServerError: false, hadUnclearAnswer: false }
  t.match(await attempt(lead, 400, 'Customer not found. Provide a valid click_id.'), { attempts: 1, ...untold, unknownCustomerAnswers: 0 })
  t.match(await attempt(lead, 400, 'HTTP 400'), { attempts: 2, ...untold, unknownCustomerAnswers: 1 })
  t.match(await attempt(lead, 429), { attempts: 3, ...untold, unknownCustomerAnswers: 1 }, 'a proxy knows of no customer')
  t.match(await attempt(lead, 200), { attempts: 4, ...untold })
  t.match(await attempt(lead, 0), { attempts: 5, mayHaveArrived: false, hadServerError: false, hadUnclearAnswer: true })
  t.match(await attempt(lead, 401), { attempts: 6, mayHaveArrived: true, hadServerError: false, refusedAlone: false })
  t.match(await attempt(lead, 500), { attempts: 7, mayHaveArrived: true, hadServerError: false, refusedAlone: true })
  t.match(await ledger.claim('a'), [{ attempts: 8, mayHaveArrived: true, hadServerError: true }])
  await ledger.settle('a', lead, { state: 'needs_attention', reason: null })

  t.match(await ledger.claim('a'), [{ id: sale, leadState: 'needs_attention', saleState: null, saleHeld: false, otherRefund: null }])
  await ledger.settle('a', sale, delivered)
  t.match(await ledger.claim('a'), [{ id: refund, saleState: 'delivered', saleHeld: false, otherRefund: null }])
  await ledger.settle('a', refund, { state: 'needs_attention', reason: 'retries_exhausted' })
  t.match(await ledger.claim('a'), [{ id: second, saleState: 'delivered', otherRefund: 'unclear' }])
  for (const [state, reason, otherRefund] of [
    ['delivered', null, 'recorded'], ['needs_attention', 'refund_failed_after_sent', 'recorded'], ['skipped', 'refund_failed', null]
  ]) {
    await ledger.query('update tracking_events set state = $2, reason = $3 where id = $1', [refund, state, reason])
    await releaseLeases(ledger.db, 'a')
    t.match(await ledger.claim('a'), [{ id: second, otherRefund }])
  }
})

t.test('an event that goes back to pending does not run beside a later one of its customer', async t => {
  const ledger = await openLedger(t)
  const [lead = 0, sale = 0] = await ledger.add({ kind: 'lead', customerKey: 'ada' }, { customerKey: 'ada' })
  await ledger.claim('a')
  await ledger.settle('a', lead, { state: 'needs_attention', reason: null })
  t.same(idsOf(await ledger.claim('a')), [sale])
  await ledger.query("update tracking_events set state = 'pending', next_attempt_at = now() where id = $1", [lead])
  t.same(await ledger.claim('b'), [])
  await ledger.postpone('a', sale, 0, failure)
  t.same(idsOf(await ledger.claim('b')), [lead])
})
