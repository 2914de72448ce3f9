import t from 'tap'
import type { StripeEventRecord, TrackingEvent } from '../../schemas/tracking.js'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { deliver, stripeEvent } from '../helpers/webhook.js'

interface Page<Row> { events: Row[], nextCursor: string | null }

const service = await startService(t)
const { affitor, connectionString, operator } = service

// A referred customer who paid, two organic ones whose leads were sent, and one whose lead waits.
const ada = await service.signUp({ affitorClickId: await affitor.click() })
const organic = [await service.signUp(), await service.signUp()]
const sessionId = await service.checkOut(ada.accessToken)
await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
await service.work()
// Of one payment both the session's and the payment intent's event come, in any order.
await query(connectionString, "delete from stripe_events where type <> 'checkout.session.completed'")
await query(connectionString, "update stripe_events set state = 'interpreted', reason = null")
const waiting = await service.signUp()

const list = async (search = '') => (await operator<Page<TrackingEvent>>('GET', `/api/tracking/events${search}`)).body
const keys = (page: Page<TrackingEvent>) => page.events.map(event => event.transactionId)

t.test('the ledger is listed newest first', async t => {
  const page = await list()
  t.same(keys(page), [waiting.userId, sessionId, organic[1]?.userId, organic[0]?.userId, ada.userId])
  t.equal(page.nextCursor, null)
})

t.test('an event tells what was sent, what came back and why, in words', async t => {
  const { events: [lead] } = await list(`?customerKey=${organic[0]?.userId}`)
  t.match(lead, {
    kind: 'lead',
    transactionId: organic[0]?.userId,
    saleTransactionId: null,
    customerKey: organic[0]?.userId,
    payload: { v: 1, email: organic[0]?.email },
    source: 'signup',
    state: 'unattributed',
    reason: 'customer_not_found',
    explanation: /no partner brought them/,
    attempts: 1,
    nextAttemptAt: null,
    lastStatus: 400,
    response: Object,
    createdAt: /^20\d\d-.*Z$/,
    settledAt: /^20\d\d-.*Z$/
  })
  t.same(Object.keys(lead ?? {}).filter(name => /lease|giveUp/i.test(name)), [], 'not what only the workers need')
  t.match(await operator('GET', `/api/tracking/events/${lead?.id}`), { status: 200, body: lead })
})

t.test('filters', async t => {
  t.same(keys(await list('?kind=sale')), [sessionId])
  t.same(keys(await list('?kind=refund')), [])
  t.same(keys(await list('?state=pending')), [waiting.userId])
  t.same(keys(await list('?state=delivered')), [sessionId, ada.userId])
  t.same(keys(await list('?state=delivered&kind=lead')), [ada.userId])
  t.same(keys(await list(`?customerKey=${ada.userId}`)), [sessionId, ada.userId])
  t.same(keys(await list('?customerKey=nobody')), [])
})

t.test('the pages are disjoint and complete, also while rows are added', async t => {
  const first = await list('?limit=2')
  t.equal(first.events.length, 2)
  await query(connectionString, `insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    values ('lead', 'late', 'late', '{"v":1}', 'signup')`)
  const second = await list(`?limit=2&cursor=${first.nextCursor}`)
  const third = await list(`?limit=2&cursor=${second.nextCursor}`)
  t.same([first, second, third].flatMap(keys), [waiting.userId, sessionId, organic[1]?.userId, organic[0]?.userId, ada.userId])
  t.equal(third.nextCursor, null)
  await query(connectionString, 'delete from tracking_events where transaction_id = \'late\'')
})

t.test('an event can be sent again', async t => {
  const { events: [lead] } = await list(`?customerKey=${organic[1]?.userId}`)
  const { status, body } = await operator<TrackingEvent>('POST', `/api/tracking/events/${lead?.id}/retry`)
  t.equal(status, 202)
  t.match(body, { id: lead?.id, state: 'pending', reason: null, settledAt: null })

  const calls = affitor.calls('lead').length
  await service.work()
  t.match(affitor.calls('lead').slice(calls).map(call => call.body), [{ customer_key: organic[1]?.userId }, { customer_key: waiting.userId }])
  t.match((await operator('GET', `/api/tracking/events/${lead?.id}`)).body, { state: 'unattributed', attempts: 2 })
})

t.test('what Affitor has recorded, or will be told, is not sent again', async t => {
  for (const state of ['delivered', 'pending', 'skipped']) {
    const [row] = await query<{ id: string }>(connectionString, `insert into tracking_events (kind, transaction_id, customer_key, payload, source, state)
      values ('lead', $1, $1, '{"v":1}', 'signup', $1) returning id`, [state])
    matchError(t, await operator('POST', `/api/tracking/events/${row?.id}/retry`), 'NOT_RETRYABLE', new RegExp(`^Tracking event ${row?.id} is not sent again\\. It is ${state};`))
    t.match((await operator('GET', `/api/tracking/events/${row?.id}`)).body, { state })
  }
  await query(connectionString, 'delete from tracking_events where transaction_id in (\'delivered\', \'pending\', \'skipped\')')
})

t.test('an event that does not exist', async t => {
  for (const id of [999_999, Number.MAX_SAFE_INTEGER]) {
    matchError(t, await operator('GET', `/api/tracking/events/${id}`), 'NOT_FOUND', `There is no tracking event ${id}.`)
    matchError(t, await operator('POST', `/api/tracking/events/${id}/retry`), 'NOT_FOUND', `There is no tracking event ${id}.`)
  }
})

t.test('the summary counts by kind and state', async t => {
  const { status, body } = await operator('GET', '/api/tracking/summary')
  t.equal(status, 200)
  t.same(body, {
    counts: [
      { kind: 'lead', state: 'delivered', count: 1 },
      { kind: 'lead', state: 'unattributed', count: 3 },
      { kind: 'sale', state: 'delivered', count: 1 }
    ],
    oldestPendingSeconds: null,
    stripeEvents: [{ state: 'interpreted', count: 1 }],
    delivery: { state: 'running', reason: null, pausedUntil: null },
    stripeDashboard: null,
    affitorDashboard: null
  })
})

t.test('the summary tells how long the oldest pending event has waited', async t => {
  const { userId } = await service.signUp()
  await query(connectionString, 'update tracking_events set created_at = now() - interval \'90 seconds\' where transaction_id = $1', [userId])
  await service.signUp()
  const { body } = await operator<{ oldestPendingSeconds: number }>('GET', '/api/tracking/summary')
  t.ok(body.oldestPendingSeconds >= 90 && body.oldestPendingSeconds < 120, String(body.oldestPendingSeconds))
})

t.test('Stripe events are listed with what was made of them', async t => {
  const ofOtherMode = stripeEvent({ livemode: true })
  await deliver(service, ofOtherMode)
  await service.work()
  const stripeEvents = async (search = '') => (await operator<Page<StripeEventRecord>>('GET', `/api/tracking/stripe-events${search}`)).body

  const { events } = await stripeEvents()
  t.match(events[0], {
    id: ofOtherMode.id,
    type: 'checkout.session.completed',
    apiVersion: '2026-10-28.endive',
    livemode: true,
    createdAt: '2026-11-01T12:00:00.000Z',
    receivedAt: /^20\d\d-.*Z$/,
    state: 'ignored',
    reason: 'mode_mismatch',
    explanation: /other Stripe mode/,
    attempts: 1,
    nextAttemptAt: null
  })
  t.notOk('payload' in (events[0] ?? {}), 'without their payloads')
  t.ok(events.some(({ state }) => state === 'interpreted'))

  t.same((await stripeEvents('?state=ignored&type=checkout.session.completed')).events.map(({ id }) => id), [ofOtherMode.id])
  t.same((await stripeEvents('?type=invoice.paid')).events, [])
  const first = await stripeEvents('?limit=1')
  const second = await stripeEvents(`?limit=1&cursor=${first.nextCursor}`)
  t.same([...first.events, ...second.events], events.slice(0, 2))
})
