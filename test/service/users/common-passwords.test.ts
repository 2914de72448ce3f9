import t from 'tap'
import { isCommonPassword } from '../../../src/service/users/common-passwords.js'

t.test('passwords that are tried first are known, in any case of letters', async t => {
  for (const password of ['password', 'PASSWORD', '12345678', 'qwertyuiop', 'iloveyou', 'Password1', 'TrustNo1', 'qwerty123', '1q2w3e4r', 'letmein1', 'sunshine', 'football']) {
    t.ok(await isCommonPassword(password), password)
  }
})

t.test('others are not, however alike', async t => {
  for (const password of ['correct horse battery', 'correct horse battery staple', 'password of mine', ' password', 'pässword', 'constructor ', '__proto__', 'a-test-password', 'Ünïcödé-12']) {
    t.notOk(await isCommonPassword(password), password)
  }
})
