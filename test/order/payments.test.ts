import t from 'tap'
import { deliversInEveryOrder } from './every-order.js'
import { payments } from './journeys.js'
import { startStage } from './stage.js'

t.setTimeout(180_000)

t.test('the order of events does not matter', async t => {
  const stage = await startStage(t)
  for (const journey of payments) await t.test(journey.name, t => deliversInEveryOrder(t, stage, journey))
})
