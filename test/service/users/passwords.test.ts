import { lookup } from 'node:dns/promises'
import t from 'tap'
import { ApiError } from '../../../src/errors.js'
import { hashPassword, MOST_WAITING, verifyPassword } from '../../../src/service/users/passwords.js'

/** More than are in work and wait: some must be refused. */
const MANY = MOST_WAITING + 20

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  await work.then(() => 'done', (error: unknown) => error instanceof ApiError ? error.code : String(error))

t.test('a password fits its own hash only', async t => {
  const hash = await hashPassword('correct horse battery')
  t.equal(await verifyPassword(hash, 'correct horse battery'), true)
  t.equal(await verifyPassword(hash, 'another'), false)
  t.equal(await verifyPassword(undefined, 'correct horse battery'), false)
})

t.test('passwords that would wait too long are refused at once, with and without a user', async t => {
  const hash = await hashPassword('correct horse battery')
  const hashed = Array.from({ length: MANY }, () => codeOf(hashPassword('correct horse battery')))
  const begin = performance.now()
  const refused = await Promise.all([
    codeOf(hashPassword('correct horse battery')),
    codeOf(verifyPassword(hash, 'correct horse battery')),
    codeOf(verifyPassword(undefined, 'correct horse battery'))
  ])
  const waitedMs = performance.now() - begin
  t.same(refused, ['OVERLOADED', 'OVERLOADED', 'OVERLOADED'])

  // The threads that hash also look up host names, such as that of Affitor.
  await lookup('localhost')
  const lookedUpMs = performance.now() - begin
  const codes = await Promise.all(hashed)
  const allMs = performance.now() - begin
  t.ok(waitedMs < allMs / 4, `refused after ${Math.round(waitedMs)} of ${Math.round(allMs)} ms`)
  t.ok(lookedUpMs < allMs / 2, `a name looked up after ${Math.round(lookedUpMs)} of ${Math.round(allMs)} ms`)
  t.ok(codes.filter(code => code === 'done').length >= MOST_WAITING)
  t.same(new Set(codes), new Set(['done', 'OVERLOADED']))

  t.equal(await verifyPassword(hash, 'correct horse battery'), true, 'afterwards all is as before')
  t.equal(await verifyPassword(undefined, 'correct horse battery'), false, 'also without a user')
})
