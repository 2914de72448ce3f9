import t from 'tap'
import { storable, storableJson } from '../../src/ledger/storable.js'
import { findTrackingEvent, retryTrackingEvent } from '../../src/ledger/tracking-events.js'
import { openLedger } from '../helpers/ledger.js'

const answers: Array<[what: string, response: unknown, stored: unknown]> = [
  ['an answer', { success: true, sale_id: 7 }, { success: true, sale_id: 7 }],
  ['no body', null, null],
  ['a text', 'ok', 'ok'],
  ['a NUL', { 'ke\u0000y': ['a\u0000b', { deep: '\u0000' }] }, { key: ['ab', { deep: '' }] }],
  ['the six characters that look like a NUL', { message: 'a\\u0000b' }, { message: 'a\\u0000b' }],
  ['half a surrogate pair', { message: 'a\ud83d' }, { message: 'a\ufffd' }],
  ['a key named __proto__', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')]
]

t.test('a settled event keeps what Affitor answered, whatever that is', async t => {
  const ledger = await openLedger(t)
  for (const [what, response, stored] of answers) {
    const [id = 0] = await ledger.add({})
    await ledger.claim('a')
    const attempt = { status: 200, error: 'no\u0000 ' + 'long '.repeat(1000), response, durationMs: 12.6 }
    t.equal(await ledger.settle('a', id, { state: 'delivered', reason: 'provisional', attempt }), true, what)
    const row = await ledger.row(id)
    t.strictSame(row.response, stored, what)
    t.match(row, { state: 'delivered', reason: 'provisional', last_status: 200, last_error: /^no long/, next_attempt_at: null, settled_at: Date })
    t.equal(row.last_error?.length, 2_000)
  }
  t.match(await ledger.query('select status, attempt, duration_ms from delivery_attempts'),
    Array.from(answers, () => ({ status: 200, attempt: 1, duration_ms: 13 })))
})

t.test('of a huge answer the start is kept, wherever the cut goes through', async t => {
  const ledger = await openLedger(t)
  for (const padding of ['', 'x']) {
    const [id = 0] = await ledger.add({})
    await ledger.claim('a')
    const response = { message: padding + '😀'.repeat(1_000_000) }
    await ledger.settle('a', id, { state: 'delivered', reason: null, attempt: { status: 200, error: padding + '😀'.repeat(5_000), response, durationMs: 1 } })
    const row = await ledger.row(id)
    t.match(row, { state: 'delivered', response: /^{"message":"x?😀😀/ })
    t.equal(String(row.response).length, 8_000)
  }
})

t.test('an answer nested deeper than the stack does not keep its event from being settled', async t => {
  const ledger = await openLedger(t)
  const [id = 0] = await ledger.add({})
  await ledger.claim('a')
  const response: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  await ledger.settle('a', id, { state: 'delivered', reason: null, attempt: { status: 200, error: null, response, durationMs: 1 } })
  t.match(await ledger.row(id), { state: 'delivered', response: null })
})

t.test('short texts are kept as they are', async t => {
  t.equal(storable('Ünïcödé 😀'), 'Ünïcödé 😀')
  t.equal(storable(null), null)
  t.same(storableJson({ a: [1, 'ü', null, true] }), { a: [1, 'ü', null, true] })
  t.equal(storableJson(undefined), null)
})

t.test('a postponed event is due after its delay by the database clock, and keeps its attempts', async t => {
  const ledger = await openLedger(t)
  const [id = 0] = await ledger.add({})
  await ledger.claim('a')
  t.equal(await ledger.postpone('a', id, 90_000, { status: 429, error: 'slow down', response: { a: 1 }, durationMs: 1 }), 'pending')
  const [{ wait } = {}] = await ledger.query(`
    select extract(epoch from e.next_attempt_at - a.finished_at)::float8 as wait
    from tracking_events e join delivery_attempts a on a.tracking_event_id = e.id`)
  t.equal(wait, 90)
  t.match(await ledger.row(id), { state: 'pending', attempts: 1, leased_by: null, last_status: 429, last_error: 'slow down', response: { a: 1 }, settled_at: null })
  t.same(await ledger.claim('a'), [])
})

t.test('past its retry time a failed event needs attention', async t => {
  const ledger = await openLedger(t)
  const [id = 0] = await ledger.add({})
  await ledger.claim('a', { retrySeconds: 0 })
  t.equal(await ledger.postpone('a', id, 0, { status: 0, error: 'gone', response: null, durationMs: 1 }), 'needs_attention')
  t.match(await ledger.row(id), { state: 'needs_attention', reason: 'retries_exhausted', next_attempt_at: null, settled_at: Date, leased_by: null })
})

t.test('a retry makes an event due with its whole retry time, in the states that allow it', async t => {
  const ledger = await openLedger(t)
  const settle = async (state: 'delivered' | 'unattributed' | 'rejected' | 'needs_attention' | 'skipped') => {
    const [id = 0] = await ledger.add({})
    await ledger.claim('a', { retrySeconds: 1 })
    await ledger.settle('a', id, { state, reason: 'refused' })
    return id
  }
  for (const state of ['unattributed', 'rejected', 'needs_attention'] as const) {
    const id = await settle(state)
    t.match(await retryTrackingEvent(ledger.db, id), { retried: true, event: { id, state: 'pending', reason: null, settledAt: null } })
    t.match(await ledger.claim('b', { retrySeconds: 7200 }), [{ id, attempts: 2 }])
    const [{ left } = {}] = await ledger.query('select extract(epoch from give_up_at - now())::float8 as left from tracking_events where id = $1', [id])
    t.ok(Number(left) > 7000, state)
  }
  for (const state of ['delivered', 'skipped'] as const) {
    const id = await settle(state)
    t.match(await retryTrackingEvent(ledger.db, id), { retried: false, event: { id, state, reason: 'refused' } })
  }
  t.equal(await retryTrackingEvent(ledger.db, 999_999), undefined)
})

t.test('with a sale go its refunds that were skipped because of it, and no others', async t => {
  const ledger = await openLedger(t)
  const [sale = 0, refund = 0, policy = 0, other = 0] = await ledger.add(
    { transactionId: 'cs_1' }, { kind: 'refund', saleTransactionId: 'cs_1' }, { kind: 'refund', saleTransactionId: 'cs_1' },
    { kind: 'refund', saleTransactionId: 'cs_2' })
  await ledger.claim('a')
  await ledger.settle('a', sale, { state: 'unattributed', reason: 'customer_not_found' })
  await ledger.settle('a', refund, { state: 'skipped', reason: 'sale_not_attributed' })
  await ledger.settle('a', policy, { state: 'skipped', reason: 'recorded_by_connect' })
  await ledger.settle('a', other, { state: 'skipped', reason: 'sale_not_attributed' })
  await retryTrackingEvent(ledger.db, sale)
  t.match(await findTrackingEvent(ledger.db, refund), { state: 'pending', reason: null, settledAt: null, nextAttemptAt: Date })
  t.match(await ledger.rows(), [{ state: 'pending' }, { state: 'pending' }, { state: 'skipped' }, { state: 'skipped' }])
})
