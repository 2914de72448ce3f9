import t from 'tap'
import { deliversInEveryOrder, TIMEOUT_MS } from './every-order.js'
import { payments, reversals, subscriptions } from './journeys.js'
import { startStage } from './stage.js'

t.setTimeout(TIMEOUT_MS)

t.test('the order of events does not matter', async t => {
  const stage = await startStage(t)
  for (const journey of [...payments, ...subscriptions, ...reversals]) {
    await t.test(journey.name, t => deliversInEveryOrder(t, stage, journey))
  }
})
