import t from 'tap'
import type { Authentication } from '../../schemas/signup.js'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const service = await startService(t)
let count = 0
const account = (fields = {}) => ({ email: `again${++count}@example.com`, password: 'correct horse battery', ...fields })
const signUp = async (body: object, key?: string) =>
  await service.request<Authentication>('POST', '/api/signup', body, key === undefined ? {} : { 'idempotency-key': key })
const leads = async (email: string) => (await service.ledger()).filter(({ kind, customerEmail }) => kind === 'lead' && customerEmail === email)

t.test('a signup whose answer was lost is answered again, with a token that is good, and makes one user with one lead', async t => {
  const ada = account()
  const first = await signUp(ada, 'key-1')
  const again = await signUp(ada, 'key-1')
  t.equal(first.status, 201)
  t.equal(again.status, 201)
  t.equal(again.body.userId, first.body.userId)
  t.match(await service.checkOut(again.body.accessToken), /^cs_/)
  t.equal((await leads(ada.email)).length, 1)
  t.equal((await signUp({ ...ada, email: ada.email.toUpperCase() }, 'key-1')).body.userId, first.body.userId, 'in any case of letters')
})

t.test('of twins that come at once both have the one user', async t => {
  const twin = account()
  const answers = await Promise.all(Array.from({ length: 5 }, async () => await signUp(twin, 'key-twins')))
  t.same(answers.map(({ status }) => status), [201, 201, 201, 201, 201])
  t.equal(new Set(answers.map(({ body }) => body.userId)).size, 1)
  t.equal((await leads(twin.email)).length, 1)
})

t.test('a key does not open an account: another password, or another e-mail, is another request', async t => {
  const grace = account()
  await signUp(grace, 'key-2')
  for (const other of [{ ...grace, password: 'another horse battery' }, account()]) {
    matchError(t, await signUp(other, 'key-2'), 'IDEMPOTENCY_KEY_REUSED', /Send a new key for a new user\.$/)
  }
  t.equal((await service.ledger()).filter(({ customerEmail }) => customerEmail === `again${count}@example.com`).length, 0)
})

t.test('a repetition has the click of the first, or none: another click is another request, and dropped by nobody', async t => {
  const [click, other] = [await service.affitor.click(), await service.affitor.click()]
  const [clicked, unclicked] = [account(), account()]
  const { body: { userId } } = await signUp({ ...clicked, affitorClickId: click }, 'key-clicked')
  for (const fields of [{ affitorClickId: click }, {}]) t.equal((await signUp({ ...clicked, ...fields }, 'key-clicked')).body.userId, userId)
  matchError(t, await signUp({ ...clicked, affitorClickId: other }, 'key-clicked'), 'IDEMPOTENCY_KEY_REUSED', /another signup/)
  t.equal((await signUp(unclicked, 'key-unclicked')).status, 201)
  matchError(t, await signUp({ ...unclicked, affitorClickId: other }, 'key-unclicked'), 'IDEMPOTENCY_KEY_REUSED', /another signup/)
})

t.test('without its key, or with another one, the e-mail is taken', async t => {
  const alan = account()
  await signUp(alan, 'key-3')
  matchError(t, await signUp(alan), 'EMAIL_TAKEN')
  matchError(t, await signUp(alan, 'key-4'), 'EMAIL_TAKEN')
})

t.test('after 24 hours a key is free', async t => {
  const [old, young] = [account(), account()]
  const { body: { userId } } = await signUp(old, 'key-5')
  await query(service.connectionString, `update affitor_service.users set created_at = now() - interval '24 hours 1 minute' where id = '${userId}'`)
  matchError(t, await signUp(old, 'key-5'), 'EMAIL_TAKEN')
  t.equal((await signUp(young, 'key-5')).status, 201)
  t.equal((await signUp(young, 'key-5')).status, 201)
  matchError(t, await signUp(old, 'key-5'), 'IDEMPOTENCY_KEY_REUSED', /another signup/)
})

t.test('of a user whose personal data was deleted the key is forgotten too', async t => {
  const gone = account()
  const { body: { userId } } = await signUp(gone, 'key-6')
  await service.work()
  const deleted = await service.request('DELETE', `/api/tracking/customers/${userId}/personal-data`, undefined, { authorization: `Bearer ${ADMIN_TOKEN}` })
  t.equal(deleted.status, 200)
  const again = await signUp(gone, 'key-6')
  t.equal(again.status, 201)
  t.not(again.body.userId, userId)
})

t.test('what is stored of a key is not the key', async t => {
  await signUp(account(), 'secret-looking-key')
  const rows = await query(service.connectionString, 'select signup_key from affitor_service.users where signup_key is not null') as Array<{ signup_key: string }>
  t.ok(rows.length > 0 && rows.every(({ signup_key: key }) => /^[0-9a-f]{64}$/.test(key)))
})
