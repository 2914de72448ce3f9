import t from 'tap'
import type { Authentication } from '../../schemas/signup.js'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'

const WARM_UP_ROUNDS = 5
const ROUNDS = 40

const service = await startService(t)
const password = 'correct horse battery'
const user = await service.signUp({ email: 'Ada@example.com', password })

const logIn = (email: string, secret = password) =>
  service.request<Authentication>('POST', '/api/login', { email, password: secret })

t.test('a login answers with the same user and a token that works', async t => {
  const { status, body } = await logIn('Ada@example.com')
  t.equal(status, 200)
  t.match(body, { userId: user.userId, accessToken: /^[\w-]+\.[\w-]+\.[\w-]+$/ })
  t.match(await service.checkOut(body.accessToken), /^cs_test_/)
})

t.test('the e-mail is compared without regard to case, the password with', async t => {
  t.match(await logIn('aDA@EXAMPLE.com'), { status: 200, body: { userId: user.userId } })
  matchError(t, await logIn('Ada@example.com', password.toUpperCase()), 'INVALID_CREDENTIALS')
})

t.test('an unknown e-mail and a wrong password cannot be told apart', async t => {
  const unknown = await logIn('nobody@example.com')
  const wrong = await logIn('ada@example.com', 'not the password')
  matchError(t, unknown, 'INVALID_CREDENTIALS')
  t.same(unknown.body, wrong.body)
  t.same(names(unknown.headers), names(wrong.headers))
  t.notOk(unknown.headers.has('set-cookie'))

  function names (headers: Headers) { return [...headers.keys()] }
})

t.test('an unknown e-mail takes as long as a wrong password', async t => {
  const kinds = { unknown: 'nobody@example.com', wrong: 'ada@example.com' }
  const times = { unknown: [] as number[], wrong: [] as number[] }
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    // In turns, and each as often first, so that what else the machine does falls on both.
    const order = round % 2 === 0 ? ['unknown', 'wrong'] as const : ['wrong', 'unknown'] as const
    for (const kind of order) {
      const start = performance.now()
      await logIn(kinds[kind], 'not the password')
      if (round >= WARM_UP_ROUNDS) times[kind].push(performance.now() - start)
    }
  }
  const ratio = median(times.unknown) / median(times.wrong)
  t.comment(`unknown e-mail ${median(times.unknown).toFixed(1)} ms, wrong password ${median(times.wrong).toFixed(1)} ms, ratio ${ratio.toFixed(3)}`)
  // Without a hash for unknown e-mails it is about 0.2.
  t.ok(ratio > 0.8 && ratio < 1.25, String(ratio))
})

t.test('the password of a user who never existed opens nothing', async t => {
  matchError(t, await logIn('nobody@example.com', 'nobody has this password'), 'INVALID_CREDENTIALS')
})

function median (list: number[]): number {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN
}
