import t from 'tap'
import { deliveryStatus, pauseDelivery, resumeDelivery } from '../../src/ledger/pauses.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'

const reachProbe = (ledger: TestLedger) => ledger.query('update delivery_pauses set until = now()')
const secondsLeft = async (ledger: TestLedger) =>
  Math.round(Number((await ledger.query('select extract(epoch from until - now()) as s from delivery_pauses'))[0]?.s))

t.test('while delivery is paused nothing is claimed', async t => {
  const ledger = await openLedger(t)
  await ledger.add({}, {})
  t.match(await deliveryStatus(ledger.db), { state: 'running', reason: null, pausedUntil: null })
  await pauseDelivery(ledger.db, 'Affitor answered 401', false)
  t.match(await deliveryStatus(ledger.db), { state: 'paused', reason: 'Affitor answered 401', pausedUntil: String })
  t.same(await ledger.claim('a'), [])
  await resumeDelivery(ledger.db)
  t.match(await ledger.claim('a'), [{ isProbe: false }, { isProbe: false }])
})

t.test('when the pause is over one event is the probe, whoever asks, however many at once', async t => {
  const ledger = await openLedger(t)
  await ledger.add(...Array.from({ length: 40 }, () => ({})))
  await pauseDelivery(ledger.db, 'no', false)
  for (let round = 0; round < 5; round++) {
    await reachProbe(ledger)
    const claims = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(owner => ledger.claim(owner)))
    t.match(claims.flat(), { length: 1, 0: { isProbe: true } })
  }
  t.equal((await ledger.rows()).filter(row => row.leased_by !== null).length, 5)
  t.same(new Set((await ledger.rows()).map(row => row.attempts)), new Set([0, 1]))
})

t.test('the probe is not used up by a look that finds nothing due', async t => {
  const ledger = await openLedger(t)
  await pauseDelivery(ledger.db, 'no', false)
  await reachProbe(ledger)
  t.same(await ledger.claim('a'), [])
  await ledger.add({})
  t.match(await ledger.claim('a'), [{ isProbe: true }])
})

t.test('the pause doubles with each probe that is refused, up to 300 seconds', async t => {
  const ledger = await openLedger(t)
  await pauseDelivery(ledger.db, 'no', false)
  const pauses = [await secondsLeft(ledger)]
  for (let probe = 1; probe <= 8; probe++) {
    await pauseDelivery(ledger.db, `no ${probe}`, true)
    pauses.push(await secondsLeft(ledger))
  }
  t.same(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300])
  t.match(await deliveryStatus(ledger.db), { reason: 'no 8' })
})

t.test('calls that were on their way when the pause began do not lengthen it', async t => {
  const ledger = await openLedger(t)
  await pauseDelivery(ledger.db, 'first', false)
  await Promise.all(Array.from({ length: 8 }, () => pauseDelivery(ledger.db, 'also', false)))
  t.ok(await secondsLeft(ledger) <= 5)
  t.match(await deliveryStatus(ledger.db), { reason: 'first' })
})
