import t from 'tap'
import { programStatusReader } from '../../src/affitor/program-status.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'

const API_KEY = 'affitor_test_key'
const reader = (apiUrl: string) => programStatusReader({ apiKey: API_KEY, apiUrl, programId: '42' })

t.test('the state of the program is told without any key', async t => {
  const { url } = await startFakeAffitor(t, { body: `{"state":"ready aff_live_1234567","blocker":"${API_KEY}","counts_24h":{"clicks":2}}` })
  t.match(await reader(url)(), { programId: '42', state: 'ready [key]', blocker: '[key]', clicks24h: 2 })
})

t.test('an answer that is none is told as Affitor\'s absence', async t => {
  for (const [answer, told] of [
    [{ status: 401, body: '{"error":{"code":"invalid_key","message":"Invalid API token."}}' }, /refuses AFFITOR_API_KEY/],
    [{ status: 500, body: '{"error":{"code":"internal_error","message":"odd"}}' }, /answered 500/],
    [{ status: 200, body: '<html>' }, /answered 200/],
    [{ status: 200, body: '{}' }, /cannot be asked/]
  ] as const) {
    const { url } = await startFakeAffitor(t, answer)
    await t.rejects(reader(url)(), { code: 'AFFITOR_UNAVAILABLE', message: told }, answer.body)
  }
})

t.test('a person does not wait longer than three seconds', async t => {
  const { url } = await startFakeAffitor(t, { headers: { 'content-length': '1000' }, body: '{' })
  const start = performance.now()
  await t.rejects(reader(url)(), { code: 'AFFITOR_UNAVAILABLE' })
  t.ok(performance.now() - start < 4_500)
})
