import t from 'tap'
import type { Authentication } from '../../schemas/signup.js'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'

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
  const times = { unknown: [] as number[], wrong: [] as number[] }
  for (let round = 0; round < 9; round++) {
    for (const [kind, email] of [['unknown', `nobody${round}@example.com`], ['wrong', 'ada@example.com']] as const) {
      const start = performance.now()
      await logIn(email, 'not the password')
      times[kind].push(performance.now() - start)
    }
  }
  // Without a hash for unknown e-mails the quotient is about 0.2; a busy machine moves it far less.
  t.ok(fastest(times.unknown) > 0.5 * fastest(times.wrong), `${fastest(times.unknown)} ms, ${fastest(times.wrong)} ms`)

  function fastest (list: number[]) { return Math.min(...list) }
})

t.test('the password of a user who never existed opens nothing', async t => {
  matchError(t, await logIn('nobody@example.com', 'nobody has this password'), 'INVALID_CREDENTIALS')
})
