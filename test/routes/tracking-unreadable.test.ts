import t from 'tap'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

t.test('a row that cannot be read does not hide the others from the operator', async t => {
  const service = await startService(t)
  await service.signUp()
  await query(service.connectionString, `insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    values ('sale', 'cs_odd', 'user_odd', '{"v": 9, "price": "much"}', 'evt_odd')`)
  const { status, body } = await service.operator<{ events: TrackingEvent[] }>('GET', '/api/tracking/events')
  t.equal(status, 200)
  t.match(body.events, [{ kind: 'sale', transactionId: 'cs_odd', unreadablePayload: { v: 9, price: 'much' } }, { kind: 'lead', payload: { v: 1 } }])
  t.notOk(body.events.some(event => 'payload' in event && 'unreadablePayload' in event), 'it is one or the other')
})
