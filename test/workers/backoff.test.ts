import t from 'tap'
import { parseRetryAfter } from '../../src/affitor/client.js'
import { backoff, backoffWithoutJitter } from '../../src/workers/backoff.js'

t.test('the backoff doubles up to its cap', async t => {
  const longest = (attempt: number) => backoff(attempt, 1_000, 60_000, () => 1)
  t.same([1, 2, 3, 7, 500].map(longest), [1_000, 2_000, 4_000, 60_000, 60_000])
})

t.test('the jitter is full: any delay from 0 on', async t => {
  t.equal(backoff(3, 1_000, 60_000, () => 0), 0)
  t.equal(backoff(3, 1_000, 60_000, () => 0.5), 2_000)
})

t.test('without jitter each delay is the longest', async t => {
  t.same([1, 2, 3, 12, 500].map(attempt => backoffWithoutJitter(attempt, 4_000, 3_600_000)), [4_000, 8_000, 16_000, 3_600_000, 3_600_000])
})

t.test('Retry-After is read as seconds or as a date', async t => {
  const now = Date.parse('2026-11-01T00:00:00Z')
  t.equal(parseRetryAfter('120', now), 120_000)
  t.equal(parseRetryAfter('Sun, 01 Nov 2026 00:00:30 GMT', now), 30_000)
  t.equal(parseRetryAfter('Sat, 31 Oct 2026 00:00:00 GMT', now), 0, 'a time that has passed')
  t.equal(parseRetryAfter('soon', now), null)
  t.equal(parseRetryAfter(null, now), null)
})
