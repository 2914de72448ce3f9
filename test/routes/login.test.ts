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

/** How long an unknown e-mail takes, as a multiple of what a wrong password takes: the median of pairs. */
async function measureRatio (): Promise<number> {
  const kinds = { unknown: 'nobody@example.com', wrong: 'ada@example.com' }
  const ratios: number[] = []
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const times = { unknown: 0, wrong: 0 }
    // One after the other, and each as often first, so that what else the machine does falls on both.
    for (const kind of round % 2 === 0 ? ['unknown', 'wrong'] as const : ['wrong', 'unknown'] as const) {
      const start = performance.now()
      await logIn(kinds[kind], 'not the password')
      times[kind] = performance.now() - start
    }
    if (round >= WARM_UP_ROUNDS) ratios.push(times.unknown / times.wrong)
  }
  return ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN
}

t.test('an unknown e-mail takes as long as a wrong password', async t => {
  // Without a hash for unknown e-mails it is about 0.2 each time; a busy machine is off once.
  const ratios: number[] = []
  const isNear = (ratio: number) => ratio > 0.8 && ratio < 1.25
  while (ratios.length < 3 && !ratios.some(isNear)) ratios.push(await measureRatio())
  t.comment(`unknown e-mail : wrong password = ${ratios.map(ratio => ratio.toFixed(3)).join(', ')}`)
  t.ok(ratios.some(isNear), ratios.join(', '))
})

t.test('the password of a user who never existed opens nothing', async t => {
  matchError(t, await logIn('nobody@example.com', 'nobody has this password'), 'INVALID_CREDENTIALS')
})
