import t from 'tap'
import type { Behaviour } from '../../sandbox/affitor/index.js'
import { UNKNOWN_CLICK_TRIES } from '../../src/affitor/outcome.js'
import { openShop } from '../helpers/shop.js'

const once = (behaviour: Behaviour): Behaviour => ({ ...behaviour, times: 1 })

const cases: Array<[what: string, behaviour: Behaviour, row: object, statuses: Array<number | null>]> = [
  ['500, then fine', once({ failStatus: 500 }), { state: 'delivered', reason: null, attempts: 2, last_status: 200 }, [500, 200]],
  ['a proxy that finds no server, then fine', { failStatus: 503, times: 2 }, { state: 'delivered', reason: null, attempts: 3 }, [503, 503, 200]],
  ['408, then fine', once({ failStatus: 408 }), { state: 'delivered', reason: null, attempts: 2 }, [408, 200]],
  ['429 without Retry-After, then fine', once({ failStatus: 429 }), { state: 'delivered', reason: null, attempts: 2 }, [429, 200]],
  ['a connection that breaks before Affitor records', once({ dropConnection: 'before' }), { state: 'delivered', reason: null, attempts: 2 }, [null, 200]],
  ['a connection that breaks after Affitor recorded', once({ dropConnection: 'after' }), { state: 'delivered', reason: 'recorded_earlier', attempts: 2, last_status: 409 }, [null, 409]],
  ['500 "Failed to create commission", then 409', once({ failAfterRecording: 500 }), { state: 'needs_attention', reason: 'transaction_id_used_up', attempts: 2, last_status: 409 }, [500, 409]],
  ['a slow answer', once({ latencyMs: 300 }), { state: 'delivered', reason: null, attempts: 1 }, [200]],
  ['404 of a wrong address, then fine', once({ failStatus: 404 }), { state: 'delivered', reason: null, attempts: 2 }, [404, 200]]
]

t.test('what becomes of a sale when Affitor answers', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  for (const [what, behaviour, row, statuses] of cases) {
    await t.test(what, async t => {
      const before = shop.affitor.calls('sale').length
      shop.affitor.behave({ ...behaviour, endpoints: ['sale'] })
      t.match(await shop.rows.row(await shop.tell({ customerKey })), { leased_by: null, ...row })
      t.same(shop.affitor.calls('sale').slice(before).map(call => call.status), statuses)
    })
  }
  await t.test('a sale that Affitor had before our first attempt is delivered', async t => {
    const transactionId = 'cs_told_before'
    await shop.tell({ customerKey, transactionId })
    await shop.rows.query("update tracking_events set transaction_id = 'cs_other' where transaction_id = $1", [transactionId])
    t.match(await shop.rows.row(await shop.tell({ customerKey, transactionId })), { state: 'delivered', reason: 'recorded_earlier', attempts: 1 })
  })
  t.equal(shop.affitor.sandbox.affitorState.sales.length, cases.length + 1, 'each sale once')
})

t.test('429 is obeyed: nothing is sent before Retry-After is over', async t => {
  const shop = await openShop(t)
  const customerKey = await shop.customer()
  shop.affitor.behave({ failStatus: 429, retryAfterSeconds: 120, times: 1, endpoints: ['sale'] })
  const id = await shop.tell({ customerKey })
  t.match(await shop.rows.row(id), { state: 'pending', attempts: 1, last_status: 429, last_error: 'Too many requests.', leased_by: null })
  const [{ wait } = {}] = await shop.rows.query(`
    select extract(epoch from e.next_attempt_at - a.finished_at)::float8 as wait
    from tracking_events e join delivery_attempts a on a.tracking_event_id = e.id where e.id = $1 and a.status = 429`, [id])
  t.equal(wait, 120)
  await shop.work()
  t.equal(shop.affitor.calls('sale').length, 1)
  await shop.hurry()
  await shop.work()
  t.match(await shop.rows.row(id), { state: 'delivered', attempts: 2 })
})

t.test('a call that timed out was recorded all the same: 409, delivered', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_TIMEOUT_MS: '300' } })
  const customerKey = await shop.customer()
  // The third call begins 600 ms after the first at the earliest; the first is recorded after 400 ms.
  shop.affitor.behave({ latencyMs: 400, times: 2, endpoints: ['sale'] })
  t.match(await shop.rows.row(await shop.tell({ customerKey })), { state: 'delivered', reason: 'recorded_earlier', last_status: 409 })
  t.match(shop.affitor.calls('sale')[0], { recorded: true, status: null })
  t.match(await shop.rows.query('select status, error from delivery_attempts where status = 0 limit 1'), [{ error: /No answer within 300 ms/ }])
})

t.test('when the retry time is over an event needs attention, and the next of its customer goes', async t => {
  const shop = await openShop(t, { variables: { DELIVERY_MAX_AGE_HOURS: '2' } })
  const customerKey = await shop.customer()
  shop.affitor.behave({ failStatus: 503, retryAfterSeconds: 60, endpoints: ['sale'] })
  const id = await shop.tell({ customerKey, transactionId: 'cs_1' })
  const [{ hours } = {}] = await shop.rows.query('select extract(epoch from give_up_at - created_at)::float8 / 3600 as hours from tracking_events where id = $1', [id])
  t.ok(Math.abs(Number(hours) - 2) < 0.05)
  await shop.rows.query("update tracking_events set give_up_at = now() - interval '1 second' where id = $1", [id])
  await shop.hurry()
  await shop.work()
  t.match(await shop.rows.row(id), { state: 'needs_attention', reason: 'retries_exhausted', attempts: 2, next_attempt_at: null })

  shop.affitor.behave({})
  t.match(await shop.rows.row(await shop.tell({ customerKey, transactionId: 'cs_2' })), { state: 'delivered' })

  const retried = await shop.operator('POST', `/api/tracking/events/${id}/retry`)
  t.match(retried, { status: 202, body: { state: 'pending', reason: null } })
  shop.affitor.behave({ failStatus: 503, retryAfterSeconds: 60, endpoints: ['sale'] })
  await shop.work()
  t.match(await shop.rows.row(id), { state: 'pending', attempts: 3 })
  t.ok(((await shop.rows.row(id)).give_up_at?.getTime() ?? 0) > Date.now() + 3_600_000, 'the whole retry time again')
  shop.affitor.behave({})
  await shop.hurry()
  await shop.work()
  // A 5xx of an earlier attempt and a 409 would need attention; here nothing was recorded before.
  t.match(await shop.rows.row(id), { state: 'delivered', reason: null })
})

t.test('a click that Affitor does not know yet is waited for some minutes, one that never comes is not', async t => {
  const shop = await openShop(t)
  await shop.signUp({ affitorClickId: 'cust_999_1714000000000' })
  const waits: number[] = []
  for (let attempt = 1; attempt <= UNKNOWN_CLICK_TRIES; attempt++) {
    await shop.work()
    const [{ wait } = {}] = await shop.rows.query(`
      select extract(epoch from next_attempt_at - (select max(finished_at) from delivery_attempts))::float8 as wait from tracking_events`)
    if (wait !== null) waits.push(Number(wait))
    await shop.hurry()
  }
  t.same(waits, [5, 10, 20, 40, 80, 160])
  t.match(await shop.rows.rows(), [{ state: 'unattributed', reason: 'customer_not_found', attempts: UNKNOWN_CLICK_TRIES }])
  t.same(shop.affitor.calls('lead').map(call => call.status), Array.from({ length: UNKNOWN_CLICK_TRIES }, () => 400))
})

t.test('a customer whom nobody referred is final at once, lead and sale', async t => {
  const shop = await openShop(t)
  const { userId } = await shop.signUp()
  await shop.tell({ customerKey: userId })
  t.match(await shop.rows.rows(), [{ kind: 'lead', state: 'unattributed', attempts: 1 }, { kind: 'sale', state: 'unattributed', attempts: 1, reason: 'customer_not_found' }])
})
