import t from 'tap'
import { readSince } from '../../src/cli/since.js'

const now = new Date('2026-03-10T12:00:00Z')
const read = (text: string) => readSince(text, now, 30).toISOString()

t.test('how far back to look is a time span, a date or a time', async t => {
  t.equal(read('7d'), '2026-03-03T12:00:00.000Z')
  t.equal(read('12h'), '2026-03-10T00:00:00.000Z')
  t.equal(read('30d'), '2026-02-08T12:00:00.000Z', 'all that Stripe keeps')
  t.equal(read('2026-03-01'), '2026-03-01T00:00:00.000Z')
  t.equal(read('2026-03-01T08:30'), '2026-03-01T08:30:00.000Z', 'UTC, wherever the machine is')
  t.equal(read('2026-03-01T08:30+02:00'), '2026-03-01T06:30:00.000Z')
  t.equal(read('2026-03-01 08:30:15Z'), '2026-03-01T08:30:15.000Z')
})

t.test('what is no such thing is refused with what to give instead', async t => {
  for (const text of ['', '7', '7 d', 'd', '-1d', '1.5d', '7w', 'yesterday', '2026-02-30', '2026-13-01', '03/01/2026', '2026-03-01T25:00', '9999999999d']) {
    t.throws(() => read(text), { message: /^--since .* cannot be read\. Give a time span .* 7d or 12h, or a date or time such as 2026-03-03 / }, text)
  }
  t.throws(() => read('2026-03-11'), { message: '--since 2026-03-11 is in the future: it is 2026-03-10T12:00:00.000Z now.' })
  for (const text of ['31d', '721h', '2020-01-01', '999999d']) {
    t.throws(() => read(text), { message: 'Stripe keeps events for 30 days. The earliest time to ask for is 2026-02-08T12:00:00.000Z: --since 30d.' }, text)
  }
})
