import t from 'tap'
import { judgeSoak } from '../../tools/soak/judge.js'
import type { Sample } from '../../tools/soak/sampler.js'
import type { SoakResult } from '../../tools/soak/soak.js'

const SECONDS = 30
const spread = (p99: number) => ({ count: 100, p50: p99 / 2, p99, most: p99 })
const calm: Sample = { residentMb: 150, descriptors: 50, connections: 21, queue: 20, callersLate: 10, webhooks: spread(40), signups: spread(80) }

/** A soak whose figures change with the second from 0 to 1. */
function soakOf (sample: (share: number) => Partial<Sample>, result: Partial<SoakResult> = {}): SoakResult {
  const samples = Array.from({ length: SECONDS }, (_, second) => ({ ...calm, ...sample(second / SECONDS) }))
  return {
    rate: { webhooks: 200, signups: 20 }, heapMb: { before: 30, after: 31 }, refused: new Map(), leftOut: 0, calmMs: 0, facts: 1, violations: [], samples, ...result
  }
}

t.test('a soak that stays as it was keeps every limit, one answered 503 now and then too', async t => {
  t.same(judgeSoak(soakOf(() => ({}))), [])
  t.same(judgeSoak(soakOf(() => ({}), { refused: new Map([[503, 4]]) })), [])
})

const violations: Array<[string, RegExp, SoakResult]> = [
  ['a heap that grows', /^heap/, soakOf(() => ({}), { heapMb: { before: 30, after: 45 } })],
  ['resident memory that grows', /^resident memory/, soakOf(share => ({ residentMb: 150 + 200 * share }))],
  ['descriptors that are not closed', /^open descriptors/, soakOf(share => ({ descriptors: 50 + 50 * share }))],
  ['more connections than the pool has', /^database connections/, soakOf(() => ({ connections: 23 }))],
  ['a queue that grows', /^queue/, soakOf(share => ({ queue: 1_500 * share }))],
  ['answers that get slower', /^webhooks p99/, soakOf(share => ({ webhooks: { ...spread(40 + 400 * share), p50: 20 } }))],
  ['an answer that is no shedding', /answered 500/, soakOf(() => ({}), { refused: new Map([[500, 1]]) })],
  ['a fact that is lost', /^LOST/, soakOf(() => ({}), { violations: ['LOST: the lead x'] })]
]

for (const [name, violation, result] of violations) {
  t.test(name, async t => { t.match(judgeSoak(result), [violation]) })
}

t.test('latencies are not judged of a machine that keeps the callers waiting too', async t => {
  t.same(judgeSoak(soakOf(share => ({ callersLate: 500, webhooks: spread(40 + 4_000 * share) }))), [])
})
