import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { between, randomFrom, shuffled } from '../../tools/harness/random.js'
import { perform, someActions } from './actions.js'
import type { Action } from './actions.js'
import { audit } from './audit.js'
import { startStage } from './stage.js'
import type { Buyer, Stage } from './stage.js'

const RUNS = Number(process.env.FC_RUNS ?? 30)
/** Of each property; without a limit when the runs are set. */
const TIME_MS = process.env.FC_RUNS === undefined ? 6_000 : Infinity
const SEED = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31))

t.setTimeout(process.env.FC_RUNS === undefined ? 180_000 : 3_600_000)

const settings: Array<{ name: string, variables: Record<string, string>, runs: number }> = [
  { name: 'as configured by default', variables: {}, runs: RUNS },
  { name: 'with JPY among the currencies, net of tax', variables: { SALE_CURRENCIES: 'USD,EUR,VND,JPY', SALE_AMOUNT: 'net_of_tax' }, runs: Math.ceil(RUNS / 2) }
]

for (const { name, variables, runs } of settings) {
  t.test(`what Affitor was told is what Stripe kept, ${name}`, async t => {
    const stage = await startStage(t, variables)
    await stage.hold()
    let ran = 0
    let sales = 0
    let refunds = 0
    const end = performance.now() + TIME_MS
    const property = fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), someActions, fc.nat(), async (clicked, actions, seed) => {
      // fast-check's own limit would leave a run going while the service closes.
      if (performance.now() > end) return
      await stage.clear()
      await stage.hold()
      await live(stage, clicked, actions, seed)
      const ledger = await stage.ledger()
      audit(ledger, stage.calls(), stage.service.stripe.sandbox.stripe.state, {
        currencies: new Set((variables.SALE_CURRENCIES ?? 'USD,EUR,VND').split(',')), netOfTax: variables.SALE_AMOUNT === 'net_of_tax'
      })
      ran++
      sales += ledger.filter(({ kind }) => kind === 'sale').length
      refunds += ledger.filter(({ kind }) => kind === 'refund').length
    })
    await fc.assert(property, {
      seed: SEED, numRuns: runs, ...(process.env.FC_PATH && { path: process.env.FC_PATH })
    })
    t.pass(`${ran} of ${runs} runs, ${sales} sales, ${refunds} refunds and disputes (FC_SEED=${SEED})`)
  })
}

/** Lets it all happen while events arrive late, in any order, twice, and workers work now and then. */
async function live (stage: Stage, clicked: boolean[], actions: Action[], seed: number): Promise<void> {
  const random = randomFrom(seed)
  const buyers: Buyer[] = []
  for (const click of clicked) buyers.push(await stage.signUp({ clicked: click }))
  const delivered = new Set<string>()
  const deliverSome = async (share: number) => {
    const waiting = stage.events().filter(({ id }) => !delivered.has(id))
    for (const event of shuffled(waiting, random).slice(0, Math.ceil(waiting.length * share))) {
      await stage.deliver(event)
      delivered.add(event.id)
    }
  }
  for (const action of actions) {
    await perform(stage, buyers, action)
    if (between(random, 0, 1) === 0) await deliverSome(random())
    if (between(random, 0, 2) === 0) await stage.service.work()
  }
  for (const event of shuffled(stage.events(), random).slice(0, 5)) await stage.deliver(event)
  await deliverSome(1)
  await stage.service.work()
  await stage.settle()
  const settled = await stage.ledger()
  await stage.query("update stripe_events set state = 'received', next_attempt_at = now()")
  await stage.service.work()
  await stage.settle()
  assert.deepEqual(await stage.ledger(), settled, 'reading all events again changes nothing')
}
