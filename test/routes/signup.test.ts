import t from 'tap'
import type { Authentication } from '../../schemas/signup.js'
import { hashPassword } from '../../src/service/users/passwords.js'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { countRows, query } from '../helpers/sql.js'

const password = 'correct horse battery'
const service = await startService(t)
const { connectionString } = service

const signUp = (body: Record<string, unknown>, headers?: Record<string, string>) =>
  service.request<Authentication>('POST', '/api/signup', { password, ...body }, headers)

/** The click id that the user has, and the one that the lead carries. */
async function clickIdsOf (userId: string) {
  const [row] = await query<{ user: string | null, lead: string | null }>(connectionString, `
    select affitor_click_id as "user", payload->>'clickId' as lead from users join tracking_events on customer_key = users.id
    where users.id = $1 and kind = 'lead'`, [userId])
  return row
}

t.test('a signup stores the user and the lead, and lets the user in', async t => {
  const { status, body } = await signUp({ email: 'Ada@example.com', affitorClickId: 'cust_42_1' })
  t.equal(status, 201)
  t.same(Object.keys(body).sort(), ['accessToken', 'userId'])

  t.match(await query(connectionString, 'select * from users where id = $1', [body.userId]), [{
    email: 'Ada@example.com', affitor_click_id: 'cust_42_1', password_hash: /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/
  }])
  t.match(await service.ledger(), [{
    kind: 'lead',
    transactionId: body.userId,
    customerKey: body.userId,
    source: 'signup',
    state: 'pending',
    payload: { v: 1, email: 'Ada@example.com', clickId: 'cust_42_1' }
  }])
  const checkout = await service.request('POST', '/api/checkout', { priceId: 'price_sandbox_onetime', mode: 'payment' },
    { authorization: `Bearer ${body.accessToken}` })
  t.equal(checkout.status, 201)
})

t.test('a signup does not wait for Affitor', async t => {
  const affitorClickId = await service.affitor.click()
  service.affitor.behave({ latencyMs: 600_000 })
  const { status, body } = await signUp({ email: 'hanging@example.com', affitorClickId })
  t.equal(status, 201)
  t.same(service.affitor.calls('lead'), [], 'Affitor is told by the workers only')

  service.affitor.behave({})
  await service.work()
  t.match(service.affitor.calls('lead').map(call => call.body).at(-1), { customer_key: body.userId, click_id: affitorClickId })
})

t.test('one e-mail is one user, in any case of letters', async t => {
  t.equal((await signUp({ email: 'grace@example.com' })).status, 201)
  const before = await countRows(connectionString)
  matchError(t, await signUp({ email: 'GRACE@Example.COM' }), 'EMAIL_TAKEN')
  t.same(await countRows(connectionString), before, 'nor is a lead left behind')
})

t.test('of ten signups with one e-mail at once, one succeeds', async t => {
  const before = await countRows(connectionString)
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) =>
    signUp({ email: i % 2 === 0 ? 'race@example.com' : 'Race@Example.com' })))
  t.equal(answers.filter(({ status }) => status === 201).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 201)) matchError(t, answer, 'EMAIL_TAKEN')
  t.same(await countRows(connectionString), { ...before, users: before.users + 1, leads: before.leads + 1 })
})

for (const [refused, table] of [['the lead', 'tracking_events'], ['the user', 'users']] as const) {
  t.test(`when the database refuses ${refused}, neither user nor lead is stored`, async t => {
    await query(connectionString, `
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the row is refused'; end $$;
      create trigger refuse before insert on ${table} for each row execute function refuse()`)
    const before = await countRows(connectionString)
    const email = `unlucky-${table}@example.com`
    matchError(t, await signUp({ email }), 'INTERNAL_ERROR')
    t.same(await countRows(connectionString), before)

    await query(connectionString, 'drop function refuse cascade')
    t.equal((await signUp({ email })).status, 201, 'the e-mail is free still')
  })
}

t.test('a password that is tried first is refused, is not repeated, and stores nothing', async t => {
  const before = await countRows(connectionString)
  for (const common of ['password', 'Password1', '12345678', 'QWERTYUIOP']) {
    const answer = await signUp({ email: 'easy@example.com', password: common })
    matchError(t, answer, 'INVALID_REQUEST', 'body/password is one of the most common passwords, which are the first to be guessed. Choose another one.')
  }
  // Also where the e-mail is known: nothing is told by it.
  matchError(t, await signUp({ email: 'Ada@example.com', password: 'password' }), 'INVALID_REQUEST', /^body\/password is one of the most common/)
  t.same(await countRows(connectionString), before)
})

t.test('who signed up with such a password earlier still gets in', async t => {
  const { userId } = await service.signUp({ email: 'early@example.com' })
  await query(connectionString, 'update users set password_hash = $2 where id = $1', [userId, await hashPassword('password')])
  t.equal((await service.request('POST', '/api/login', { email: 'early@example.com', password: 'password' })).status, 200)
})

const longest = 'x'.repeat(255)
const clicks: Array<[title: string, body: Record<string, unknown>, cookie: string | undefined, expected: string | null]> = [
  ['of the body', { affitorClickId: 'from_body' }, undefined, 'from_body'],
  ['of the cookie', {}, 'affitor_click_id=from_cookie', 'from_cookie'],
  ['of the cookie, percent-encoded', {}, 'affitor_click_id=a%20b', 'a b'],
  ['of the body rather than the cookie', { affitorClickId: 'from_body' }, 'affitor_click_id=from_cookie', 'from_body'],
  ['of the cookie when the body\'s is empty', { affitorClickId: '' }, 'affitor_click_id=from_cookie', 'from_cookie'],
  ['of the cookie when the body\'s is null', { affitorClickId: null }, 'affitor_click_id=from_cookie', 'from_cookie'],
  ['none: absent', {}, undefined, null],
  ['none: empty', { affitorClickId: '' }, undefined, null],
  ['none: null', { affitorClickId: null }, undefined, null],
  ['none: an empty cookie', {}, 'affitor_click_id=', null],
  ['none: another cookie', {}, 'click=other', null],
  ['of the longest body', { affitorClickId: longest }, undefined, longest],
  ['of the longest cookie', {}, `affitor_click_id=${longest}`, longest],
  ['none: a cookie that is too long', {}, `affitor_click_id=${longest}x`, null],
  ['none: a cookie with a NUL byte', {}, 'affitor_click_id=a%00b', null],
  ['of a broken percent-encoding, as it is', {}, 'affitor_click_id=a%E0%A4', 'a%E0%A4']
]
for (const [i, [title, body, cookie, expected]] of clicks.entries()) {
  t.test(`click id: ${title}`, async t => {
    const answer = await signUp({ email: `click${i}@example.com`, ...body }, cookie === undefined ? {} : { cookie })
    t.equal(answer.status, 201)
    t.same(await clickIdsOf(answer.body.userId), { user: expected, lead: expected })
  })
}
