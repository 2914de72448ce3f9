import t from 'tap'
import type { CustomerStory } from '../../schemas/customer-story.js'
import type { Attention } from '../../schemas/operator.js'
import type { StripeEventRecord, TrackingEvent, TrackingSummary } from '../../schemas/tracking.js'
import { matchError } from '../helpers/errors.js'
import { openShop } from '../helpers/shop.js'

const shop = await openShop(t)

/** Adds a sale that needs attention since an hour. */
async function trouble (reason = 'transaction_id_used_up', fields: object = {}): Promise<number> {
  const [id = 0] = await shop.rows.add({ ...fields })
  await shop.rows.query("update tracking_events set state = 'needs_attention', reason = $2, attempts = 1, next_attempt_at = null, settled_at = now() where id = $1", [id, reason])
  await shop.rows.query("update tracking_events set attention_since = now() - interval '1 hour' where id = $1", [id])
  return id
}

const act = (id: number, action: string, body?: unknown) => shop.operator<TrackingEvent>('POST', `/api/tracking/events/${id}/${action}`, body)
const event = async (id: number) => (await shop.operator<TrackingEvent>('GET', `/api/tracking/events/${id}`)).body
const listed = async (state: string) => (await shop.operator<{ events: TrackingEvent[] }>('GET', `/api/tracking/events?state=${state}`)).body.events.map(({ id }) => id)
const groups = async () => (await shop.operator<Attention>('GET', '/api/tracking/attention')).body.groups
const minutesSince = (time: string | null) => Math.round((Date.now() - Date.parse(time ?? '')) / 60_000)

t.afterEach(async () => { await shop.rows.query("update tracking_events set state = 'skipped', reason = null where state in ('needs_attention', 'pending')") })

t.test('what a person has dealt with no longer needs attention, and stays in the story with who and when', async t => {
  const id = await trouble('transaction_id_used_up', { customerKey: 'resolved' })
  t.match(await act(id, 'resolve', { note: 'Credited by hand.', by: 'Grace' }), {
    status: 200, body: { state: 'resolved', advice: null, resolution: { note: 'Credited by hand.', by: 'Grace', at: /Z$/ } }
  })
  t.notOk((await listed('needs_attention')).includes(id))
  t.ok((await listed('resolved')).includes(id))
  t.same(await groups(), [])
  const { counts } = (await shop.operator<TrackingSummary>('GET', '/api/tracking/summary')).body
  t.match(counts.filter(({ kind }) => kind === 'sale'), [{ state: 'resolved', count: 1 }])
  const { entries } = (await shop.operator<CustomerStory>('GET', '/api/tracking/customers/resolved')).body
  t.match(entries.at(-1), { kind: 'action', action: { action: 'resolve', trackingEventId: id, note: 'Credited by hand.', by: 'Grace' } })
})

t.test('it can be reopened, and needs attention since it first did', async t => {
  const id = await trouble()
  matchError(t, await act(id, 'reopen'), 'NOT_RESOLVABLE', /only resolved events/)
  await act(id, 'resolve', { note: 'Done.' })
  matchError(t, await act(id, 'resolve', { note: 'Again.' }), 'NOT_RESOLVABLE', /is resolved/)
  t.match(await act(id, 'reopen', { by: 'Grace' }), { status: 200, body: { state: 'needs_attention', resolution: null } })
  t.equal(minutesSince((await event(id)).attentionSince), 60)
})

t.test('a retry that ends the same does not make it younger', async t => {
  const id = await trouble()
  t.equal((await act(id, 'retry')).status, 202)
  await shop.rows.query("update tracking_events set state = 'needs_attention', reason = 'transaction_id_used_up', next_attempt_at = null where id = $1", [id])
  t.equal(minutesSince((await event(id)).attentionSince), 60)
})

t.test('what needs attention for another reason than was dealt with needs it again', async t => {
  const id = await trouble()
  await act(id, 'resolve', { note: 'Done.' })
  await shop.rows.query("update tracking_events set reason = 'refund_failed_after_sent' where id = $1", [id])
  t.equal((await event(id)).state, 'needs_attention')
})

t.test('a resolved fact can be sent after all', async t => {
  const id = await trouble('retries_exhausted')
  await act(id, 'resolve', { note: 'Told by telephone.' })
  t.equal((await event(id)).retryable, true)
  t.match(await act(id, 'retry', { by: 'Grace' }), { status: 202, body: { state: 'pending', resolution: null } })
})

t.test('only what needs attention can be resolved, and with words', async t => {
  const [id = 0] = await shop.rows.add({})
  matchError(t, await act(id, 'resolve', { note: 'Done.' }), 'NOT_RESOLVABLE', /is pending/)
  matchError(t, await act(id, 'resolve', {}), 'INVALID_REQUEST', /note/)
  matchError(t, await act(id, 'resolve', { note: '' }), 'INVALID_REQUEST', /note/)
  matchError(t, await act(987_654, 'resolve', { note: 'Done.' }), 'NOT_FOUND', /no tracking event 987654/)
})

t.test('what needs attention is told by reason, each with what to do', async t => {
  await trouble('malformed')
  await trouble()
  await trouble()
  t.match(await groups(), [
    { kind: 'fact', reason: 'transaction_id_used_up', count: 2, retryable: true, advice: /ask Affitor to free the transaction id/, oldestSince: /Z$/ },
    { kind: 'fact', reason: 'malformed', count: 1 }
  ])
})

t.test('all of one reason are resolved at once', async t => {
  const ids = [await trouble(), await trouble(), await trouble('malformed')]
  const { body } = await shop.operator('POST', '/api/tracking/attention/resolve', { reason: 'transaction_id_used_up', note: 'Ticket 4711.', by: 'Grace' })
  t.same(body, { changed: 2, remaining: 0 })
  t.same(await Promise.all(ids.map(async id => (await event(id)).state)), ['resolved', 'resolved', 'needs_attention'])
})

t.test('all of one reason are sent again at once, unless that would be wrong', async t => {
  const ids = [await trouble('retries_exhausted'), await trouble('retries_exhausted')]
  const { body } = await shop.operator('POST', '/api/tracking/attention/retry', { reason: 'retries_exhausted' })
  t.same(body, { changed: 2, remaining: 0 })
  t.same(await Promise.all(ids.map(async id => (await event(id)).state)), ['pending', 'pending'])
  matchError(t, await shop.operator('POST', '/api/tracking/attention/retry', { reason: 'later_refund_not_applied' }), 'NOT_RETRYABLE', /would skip it again/)
})

t.test('a Stripe event that could not be read is dealt with in the same way', async t => {
  await shop.rows.query(`insert into stripe_events (id, type, livemode, created, payload, state, reason, next_attempt_at)
    values ('evt_broken', 'invoice.paid', false, now(), '{}', 'failed', 'interpretation_failed', null)`)
  const doTo = (action: string, body?: unknown) => shop.operator<StripeEventRecord>('POST', `/api/tracking/stripe-events/evt_broken/${action}`, body)
  t.match(await groups(), [{ kind: 'stripe_event', reason: 'interpretation_failed', count: 1, retryable: true }])
  t.match(await doTo('resolve', { note: 'Told by hand.' }), { status: 200, body: { state: 'resolved', resolution: { note: 'Told by hand.', by: null } } })
  t.same(await groups(), [])
  t.match(await doTo('reopen'), { status: 200, body: { state: 'failed', resolution: null } })
  matchError(t, await doTo('reopen'), 'NOT_RESOLVABLE', /only resolved/)
  t.equal((await doTo('retry')).status, 202)
})
