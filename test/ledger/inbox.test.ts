import type Stripe from 'stripe'
import t from 'tap'
import { openInbox } from '../../src/ledger/inbox.js'
import { claimStripeEvents } from '../../src/ledger/stripe-events.js'
import { openLedger } from '../helpers/ledger.js'
import { stripeEvent } from '../helpers/webhook.js'

t.test('events that come at once are each stored as they were signed', async t => {
  const ledger = await openLedger(t)
  const inbox = openInbox(ledger.db)
  const events = Array.from({ length: 300 }, (_, i) => stripeEvent({ api_version: i % 2 === 0 ? null : '2026-10-28.endive', livemode: i % 3 === 0, note: `"${i}" \\u0000 \u0000 ü 🎉` }) as unknown as Stripe.Event)
  const results = await Promise.all(events.map(event => inbox.store(event, JSON.stringify(event))))
  t.ok(results.every(Boolean), 'all are new')
  const rows = await ledger.query('select id, type, api_version, livemode, extract(epoch from created)::int as created, payload, state from stripe_events')
  t.equal(rows.length, 300)
  for (const event of events.slice(0, 10)) {
    t.match(rows.find(row => row.id === event.id), {
      type: event.type, api_version: event.api_version, livemode: event.livemode, created: event.created, payload: JSON.stringify(event), state: 'received'
    })
  }
})

t.test('the same event within one statement and over several is one row, and new once', async t => {
  const ledger = await openLedger(t)
  const inboxes = [openInbox(ledger.db), openInbox(ledger.db)]
  const events = Array.from({ length: 20 }, () => stripeEvent() as unknown as Stripe.Event)
  const results = await Promise.all([...events, ...events.toReversed(), ...events].map(
    async (event, i) => ({ id: event.id, isNew: await inboxes[i % 2]?.store(event, JSON.stringify(event)) })))
  for (const { id } of events) t.equal(results.filter(result => result.id === id && result.isNew === true).length, 1)
  t.same(await ledger.query('select count(*)::int as count from stripe_events'), [{ count: 20 }])
})

t.test('a row that PostgreSQL refuses fails alone', async t => {
  const ledger = await openLedger(t)
  await ledger.query("alter table stripe_events add constraint no_bad_ones check (type <> 'bad')")
  const inbox = openInbox(ledger.db)
  const events = ['a', 'b', 'c', 'bad', 'd', 'e'].map(type => stripeEvent({ type }) as unknown as Stripe.Event)
  const results = await Promise.allSettled(events.map(event => inbox.store(event, JSON.stringify(event))))
  t.same(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  t.equal((await ledger.query('select id from stripe_events')).length, 5)
})

t.test('events are read in the order of their arrival, also one that was postponed', async t => {
  const ledger = await openLedger(t)
  const inbox = openInbox(ledger.db)
  const ids = ['evt_c', 'evt_a', 'evt_d', 'evt_b']
  for (const id of ids) await inbox.store(stripeEvent({ id }) as unknown as Stripe.Event, '{}')
  await ledger.query("update stripe_events set next_attempt_at = now() where id = 'evt_c'")
  t.same((await claimStripeEvents(ledger.db, 'a', 4, 60)).map(({ id }) => id), ids)
})
