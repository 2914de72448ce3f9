import t from 'tap'
import { fail, pass, runChecks } from '../../src/checks/check.js'
import type { CheckResult } from '../../src/checks/check.js'
import { checksReader } from '../../src/checks/reader.js'

const never = () => new Promise<never>(() => {})

t.test('results come in order, each as soon as it can be told', async t => {
  const told: CheckResult[] = []
  const results = await runChecks([
    { name: 'slow', run: async () => await new Promise(resolve => setTimeout(() => resolve(pass('at last')), 50)) },
    { name: 'fast', run: async () => fail('wrong', 'mend it') }
  ], { timeoutMs: 5_000, secrets: [], onResult: result => told.push(result) })
  t.same(results, [
    { check: 'slow', status: 'pass', message: 'at last', fix: null },
    { check: 'fast', status: 'fail', message: 'wrong', fix: 'mend it' }
  ])
  t.same(told, results)
})

t.test('a check that gets no answer fails when time is up, and is told to stop', async t => {
  let aborted = false
  const results = await runChecks([{
    name: 'silent',
    async run (signal) {
      signal.addEventListener('abort', () => { aborted = true })
      return await never()
    }
  }], { timeoutMs: 50, secrets: [] })
  t.same(results, [{ check: 'silent', status: 'fail', message: 'There was no answer within 0.05 s.', fix: 'Look whether the address is right and reachable from here, and run this again.' }])
  t.equal(aborted, true)
})

t.test('a check that throws fails alone', async t => {
  const results = await runChecks([
    { name: 'broken', run: async () => { throw new Error('boom') } },
    { name: 'sound', run: async () => pass('well') }
  ], { timeoutMs: 1_000, secrets: [] })
  t.same(results.map(({ status, message }) => [status, message]), [['fail', 'The check itself failed: boom'], ['pass', 'well']])
})

t.test('no secret is shown, whoever says it', async t => {
  const [result] = await runChecks([{ name: 'loud', run: async () => fail('sk_live_123 is refused', 'Replace sk_live_123') }], { timeoutMs: 1_000, secrets: ['', 'sk_live_123'] })
  t.match(result, { message: '[secret] is refused', fix: 'Replace [secret]' })
})

t.test('the checks of the page are made once a minute, however many ask', async t => {
  let made = 0
  const read = checksReader(async () => [{ name: 'counted', run: async () => pass(`${++made}`) }], [])
  const answers = await Promise.all([read(), read()])
  t.match(answers, [{ checks: [{ check: 'counted', status: 'pass', message: '1', fix: null }], checkedAt: String }, { checks: [{ message: '1' }] }])
  t.match(await read(), { checks: [{ message: '1' }] })
})
