import t from 'tap'
import type { StripeEventRecord, TrackingSummary } from '../../schemas/tracking.js'
import type { Static } from '@sinclair/typebox'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const service = await startService(t)
const { operator, connectionString } = service
const ada = await service.signUp()
const session = await service.checkOut(ada.accessToken)
await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
await service.work()
// The session's event alone tells of the sale here.
await query(connectionString, "delete from stripe_events where type <> 'checkout.session.completed'")
await query(connectionString, "update stripe_events set state = 'interpreted', reason = null")
const [{ id = '' } = {}] = await query(connectionString, "select id from stripe_events where type = 'checkout.session.completed'") as Array<{ id: string }>
const states = async () => (await operator<Static<typeof TrackingSummary>>('GET', '/api/tracking/summary')).body.stripeEvents

t.test('the summary counts stored Stripe events by state', async t => {
  t.same(await states(), [{ state: 'interpreted', count: 1 }])
})

t.test('an event that could not be read is read again, and becomes its fact', async t => {
  await query(connectionString, "delete from tracking_events where kind = 'sale'")
  await query(connectionString, "update stripe_events set state = 'failed', reason = 'interpretation_failed'")
  t.same(await states(), [{ state: 'failed', count: 1 }])
  t.match(await operator('POST', `/api/tracking/stripe-events/${id}/retry`), { status: 202, body: { id, state: 'received', reason: null } })
  await service.work()
  t.match((await service.ledger()).map(event => event.transactionId), [ada.userId, session])
  t.same(await states(), [{ state: 'interpreted', count: 1 }])
})

t.test('one event is read by its id, and is the one of the list', async t => {
  const [listed] = (await operator<{ events: StripeEventRecord[] }>('GET', '/api/tracking/stripe-events')).body.events
  t.match(listed, { id, type: 'checkout.session.completed', state: 'interpreted', customerKey: ada.userId })
  t.same((await operator('GET', `/api/tracking/stripe-events/${id}`)).body, listed)
})

t.test('reading an event again doubles nothing', async t => {
  t.equal((await operator('POST', `/api/tracking/stripe-events/${id}/retry`)).status, 202)
  matchError(t, await operator('POST', `/api/tracking/stripe-events/${id}/retry`), 'NOT_RETRYABLE', /waits to be read already/)
  await service.work()
  t.equal((await service.ledger()).filter(event => event.kind === 'sale').length, 1)
})

t.test('an event that is not stored is not found', async t => {
  matchError(t, await operator('GET', '/api/tracking/stripe-events/evt_nobody'), 'NOT_FOUND', /evt_nobody/)
  matchError(t, await operator('POST', '/api/tracking/stripe-events/evt_nobody/retry'), 'NOT_FOUND', /evt_nobody/)
  matchError(t, await operator('POST', '/api/tracking/stripe-events/no-such%20thing/retry'), 'INVALID_REQUEST', /params\/id/)
})
