import t from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN } from '../helpers/service.js'
import { openShop } from '../helpers/shop.js'

const shop = await openShop(t)
const lead = { kind: 'lead', transactionId: 'ada', customerKey: 'ada', payload: { v: 1, email: '=cmd@example.com' } } as const
await shop.rows.add(lead, { transactionId: 'cs_1', customerKey: 'ada' }, { transactionId: 'in_2', customerKey: 'ada' }, { transactionId: 'in_3', customerKey: 'grace' })
for (const [transactionId, state, reason, source, occurredAt] of [
  ['cs_1', 'delivered', null, 'evt_1', '2026-10-01T10:00:00Z'],
  ['in_2', 'unattributed', 'no_attribution', 'api', '2026-11-01T10:00:00Z'],
  ['in_3', 'unattributed', 'attribution_window_expired', 'nightly', '2026-11-02T10:00:00Z'],
  ['ada', 'delivered', null, 'signup', '2026-09-01T10:00:00Z']
]) {
  await shop.rows.query(`update tracking_events set state = $2, reason = $3, source = $4, occurred_at = $5, next_attempt_at = null, settled_at = now()
    where transaction_id = $1`, [transactionId, state, reason, source, occurredAt])
}

const list = async (query: string) =>
  (await shop.operator<{ events: TrackingEvent[] }>('GET', `/api/tracking/events?${query}`)).body.events.map(({ transactionId }) => transactionId)
const csv = async (query: string) => await fetch(`${shop.url}/api/tracking/events.csv?${query}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })

t.test('facts are listed by reason, source and time', async t => {
  t.same(await list('reason=no_attribution'), ['in_2'])
  t.same(await list('source=stripe'), ['cs_1'])
  t.same(await list('source=api'), ['in_2'])
  t.same(await list('source=sql'), ['in_3'])
  t.same(await list('since=2026-10-01T10:00:00Z&until=2026-11-02T10:00:00Z'), ['in_2', 'cs_1'])
  t.same(await list('since=2026-11-01T11:00:00%2B01:00'), ['in_3', 'in_2'], 'any zone')
  t.same(await list('since=2026-12-01T00:00:00Z'), [])
})

t.test('a transaction is listed with its refunds', async t => {
  await shop.rows.add({ kind: 'refund', transactionId: 're_1', saleTransactionId: 'cs_1', customerKey: 'ada' })
  t.same(await list('transactionId=cs_1'), ['re_1', 'cs_1'])
  t.same(await list('transactionId=re_1'), ['re_1'])
  t.same(await list('transactionId=cs_1&kind=sale'), ['cs_1'])
  t.same(await list('transactionId=cs_nobody'), [])
  await shop.rows.query("delete from tracking_events where transaction_id = 're_1'")
})

t.test('a filter that is none is refused', async t => {
  for (const query of ['since=yesterday', 'reason=no%20attribution', 'source=paddle', 'q=']) {
    matchError(t, await shop.operator('GET', `/api/tracking/events?${query}`), 'INVALID_REQUEST', new RegExp(query.split('=')[0] ?? ''))
  }
})

t.test('what is filtered is a file, with a limit that is said', async t => {
  const answer = await csv('kind=sale')
  t.match(Object.fromEntries(answer.headers), {
    'content-type': /^text\/csv/, 'content-disposition': /tracking-events\.csv/, 'x-row-limit': '50000', 'x-truncated': 'false'
  })
  const [names = '', ...lines] = (await answer.text()).trim().split('\r\n')
  t.same(names.split(',').slice(0, 4), ['id', 'occurred_at', 'kind', 'state'])
  t.equal(lines.length, 3)
  t.match(lines[0], /in_3/)
  t.match(lines[2], /cs_1.*,4900,USD,payment,false/)
})

t.test('no customer writes a formula into the operator\'s spreadsheet', async t => {
  t.match(await (await csv('kind=lead')).text(), /,'=cmd@example\.com,/)
})

t.test('a file of more than one page has every fact once', async t => {
  await shop.rows.add(...Array.from({ length: 1_100 }, (_, i) => ({ customerKey: 'crowd', transactionId: `crowd-${i}` })))
  const lines = (await (await csv('customerKey=crowd')).text()).trim().split('\r\n').slice(1)
  t.equal(new Set(lines.map(line => /crowd-\d+/.exec(line)?.[0])).size, 1_100)
  t.equal(lines.length, 1_100)
})

t.test('the file is the operator\'s alone', async t => {
  t.equal((await fetch(`${shop.url}/api/tracking/events.csv`)).status, 401)
})
