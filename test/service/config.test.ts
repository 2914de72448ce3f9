import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readEnvironment } from '../../src/environment.js'
import { ConfigError, loadConfig } from '../../src/service/config.js'

const database = { DATABASE_URL: 'postgres://db/affitor' }
const live = {
  ...database,
  STRIPE_SECRET_KEY: 'sk_live_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_1, whsec_2',
  AFFITOR_API_KEY: 'key',
  AFFITOR_PROGRAM_ID: '42',
  SESSION_SECRET: 'a'.repeat(32),
  ADMIN_TOKEN: 'b'.repeat(16)
}
const production = {
  ...live,
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://api.example.com/',
  CHECKOUT_SUCCESS_URL: 'https://example.com/thanks',
  CHECKOUT_CANCEL_URL: 'https://example.com/pricing'
}

function problemsOf (variables: Record<string, string>): string[] {
  try {
    loadConfig(variables)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

t.test('without keys the mode is sandbox, and everything is filled in', async t => {
  const config = loadConfig({ ...database, PORT: '4000' })
  t.equal(config.mode, 'sandbox')
  t.equal(config.AFFITOR_API_URL, 'http://127.0.0.1:4001')
  t.equal(config.STRIPE_API_URL, 'http://127.0.0.1:4002')
  t.equal(config.PUBLIC_URL, 'http://localhost:4000')
})

t.test('a sandbox has two ports for its stand-ins, and never the addresses of real accounts', async t => {
  t.match(problemsOf({ ...database, PORT: '65534' }), [/PORT must be 65533 or less/])
  t.match(problemsOf({ ...database, AFFITOR_API_URL: 'https://api.affitor.com/' }), [/^AFFITOR_API_URL is that of real accounts, .* Remove it, or set STRIPE_SECRET_KEY, /])
  t.match(problemsOf({ ...database, STRIPE_API_URL: 'https://api.stripe.com' }), [/^STRIPE_API_URL is that of real accounts/])
  t.same(problemsOf({ ...live, PORT: '65534', AFFITOR_API_URL: 'https://api.affitor.com' }), [])
})

t.test('keys make it live, and the Stripe key decides the mode of everything', async t => {
  const config = loadConfig(live)
  t.equal(config.mode, 'live')
  t.equal(config.livemode, true)
  t.equal(config.AFFITOR_TEST_MODE, false)
  t.same(config.STRIPE_WEBHOOK_SECRET, ['whsec_1', 'whsec_2'])
  t.equal(loadConfig({ ...live, STRIPE_SECRET_KEY: 'sk_test_x' }).AFFITOR_TEST_MODE, true)
  t.equal(loadConfig({ ...live, STRIPE_SECRET_KEY: 'rk_live_x' }).livemode, true)
})

t.test('production gives load balancers time to notice a stop, and development none', async t => {
  t.equal(loadConfig(production).SHUTDOWN_DELAY_MS, 5_000)
  t.equal(loadConfig(database).SHUTDOWN_DELAY_MS, 0)
  t.equal(loadConfig({ ...production, SHUTDOWN_DELAY_MS: '0' }).SHUTDOWN_DELAY_MS, 0)
})

t.test('production takes a complete configuration', async t => {
  const config = loadConfig(production)
  t.equal(config.PUBLIC_URL, 'https://api.example.com')
  t.ok(Object.isFrozen(config))
})

t.test('the service has no database of its own: without DATABASE_URL it says where one is, in every mode', async t => {
  const sentence = /^DATABASE_URL is missing\. PostgreSQL connection string\. `npm start` .* do without it, except in production/
  t.match(problemsOf({}), [sentence])
  t.match(problemsOf({ ...live, DATABASE_URL: ' ' }), [sentence])
  t.match(problemsOf({ ...production, DATABASE_URL: '' }), [sentence])
})

t.test('a half-configured start names every missing variable at once', async t => {
  const problems = problemsOf({ STRIPE_SECRET_KEY: 'sk_test_x' }).join('\n')
  for (const name of ['STRIPE_WEBHOOK_SECRET', 'AFFITOR_API_KEY', 'AFFITOR_PROGRAM_ID', 'SESSION_SECRET', 'ADMIN_TOKEN']) {
    t.match(problems, `${name} is missing`)
  }
  t.notMatch(problems, 'STRIPE_SECRET_KEY is missing')
})

t.test('production without anything lists all that it needs', async t => {
  const problems = problemsOf({ NODE_ENV: 'production' })
  t.equal(problems.length, 10)
  t.match(problems.join('\n'), 'DATABASE_URL is missing')
})

t.test('missing, malformed and contradictory variables come in one message', async t => {
  const problems = problemsOf({ STRIPE_SECRET_KEY: 'pk_test_wrong', PORT: 'abc', LOG_LEVEL: 'loud' }).join('\n')
  t.match(problems, 'AFFITOR_API_KEY is missing')
  t.match(problems, 'PORT must be integer')
  t.match(problems, 'LOG_LEVEL must be one of')
  t.match(problems, 'STRIPE_SECRET_KEY must match')
  t.notMatch(problems, 'pk_test_wrong', 'a value may be a secret')
})

t.test('production refuses sandbox secrets', async t => {
  t.match(problemsOf({ ...production, ADMIN_TOKEN: 'sandbox-admin-token' }), [/ADMIN_TOKEN is a sandbox value/])
  t.match(problemsOf({ ...production, API_TOKEN: 'sandbox-api-token' }), [/API_TOKEN is a sandbox value/])
})

t.test('who reports facts is not who operates, and none may report unless told', async t => {
  t.match(problemsOf({ ...live, API_TOKEN: live.ADMIN_TOKEN }), [/^API_TOKEN is the same as ADMIN_TOKEN/])
  t.match(problemsOf({ ...live, API_TOKEN: 'short' }), [/^API_TOKEN must have at least 16 characters/])
  t.match(problemsOf({ ...live, API_TOKEN: ' , ' }), [/^API_TOKEN must have at least 16 characters/])
  t.match(problemsOf({ ...live, ADMIN_READ_TOKEN: `a-token-to-read-with,${live.ADMIN_TOKEN}` }), [/^ADMIN_READ_TOKEN is the same as ADMIN_TOKEN/])
  t.same(loadConfig(live).API_TOKEN, [])
  t.same(loadConfig(database).API_TOKEN, ['sandbox-api-token'])
  t.same(loadConfig({ ...live, API_TOKEN: 'token-of-one-backend, token-of-the-other' }).API_TOKEN, ['token-of-one-backend', 'token-of-the-other'])
})

t.test('who scrapes figures does nothing else, and there are none unless told', async t => {
  t.match(problemsOf({ ...live, METRICS_TOKEN: live.ADMIN_TOKEN }), [/^METRICS_TOKEN is the same as ADMIN_TOKEN/])
  t.match(problemsOf({ ...live, API_TOKEN: 'c'.repeat(16), METRICS_TOKEN: 'c'.repeat(16) }), [/^METRICS_TOKEN is the same as API_TOKEN/])
  t.match(problemsOf({ ...live, METRICS_PORT: '9100' }), [/^METRICS_PORT is set, and METRICS_TOKEN is not/])
  t.match(problemsOf({ ...production, METRICS_TOKEN: 'sandbox-metrics-token' }), [/METRICS_TOKEN is a sandbox value/])
  t.same(loadConfig(live).METRICS_TOKEN, [])
})

t.test('test mode at Affitor and the mode of Stripe must agree', async t => {
  t.match(problemsOf({ ...live, AFFITOR_TEST_MODE: 'true' }), [/real sales would earn no commission/])
  t.match(problemsOf({ ...live, STRIPE_SECRET_KEY: 'sk_test_x', AFFITOR_TEST_MODE: 'false' }), [/test payments would earn real commissions/])
})

t.test('an empty value counts as absent', async t => {
  t.equal(loadConfig({ ...database, STRIPE_SECRET_KEY: '', PORT: '' }).mode, 'sandbox')
})

t.test('.env is read, and the process environment wins', async t => {
  const folder = t.testdir({})
  await writeFile(join(folder, '.env'), 'AFFITOR_TEST_FROM_FILE=1\nPATH=wrong\n')
  const variables = readEnvironment(folder)
  t.equal(variables.AFFITOR_TEST_FROM_FILE, '1')
  t.equal(variables.PATH, process.env.PATH)
  t.equal(readEnvironment(join(folder, 'absent')).PATH, process.env.PATH)
})

t.test('what Affitor\'s own command wrote into .affitor/.env is read, and .env wins', async t => {
  const folder = t.testdir({
    '.affitor': { '.env': 'AFFITOR_TEST_KEY=aff_1\nAFFITOR_TEST_PROGRAM=1\nAFFITOR_TEST_EMPTY=42\nPATH=wrong\n' },
    '.env': 'AFFITOR_TEST_PROGRAM=2\nAFFITOR_TEST_EMPTY=\n'
  })
  const variables = readEnvironment(folder)
  t.match(variables, { AFFITOR_TEST_KEY: 'aff_1', AFFITOR_TEST_PROGRAM: '2', AFFITOR_TEST_EMPTY: '42' }, 'what is empty in a copy of .env.example is absent')
  t.equal(variables.PATH, process.env.PATH)
})

t.test('Affitor\'s account alone starts a sandbox that says what is missing', async t => {
  const config = loadConfig({ ...database, AFFITOR_API_KEY: 'aff_0123456789', AFFITOR_API_URL: 'https://api.affitor.com', SESSION_SECRET: 's'.repeat(32) })
  t.equal(config.mode, 'sandbox')
  t.equal(config.AFFITOR_API_KEY, 'sandbox-affitor-key', 'the real key is not for the stand-in')
  t.same(config.missing, ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'AFFITOR_PROGRAM_ID', 'ADMIN_TOKEN'])
  t.equal(loadConfig(database).missing, undefined, 'nothing was begun')
  t.match(problemsOf({ ...database, AFFITOR_API_KEY: 'aff_0123456789', STRIPE_SECRET_KEY: 'sk_test_x' }),
    [/^STRIPE_WEBHOOK_SECRET is missing/, /^AFFITOR_PROGRAM_ID is missing/, /^SESSION_SECRET is missing/, /^ADMIN_TOKEN is missing/],
    'with a key of Stripe\'s real money may be meant')
  t.match(problemsOf({ ...database, NODE_ENV: 'production', AFFITOR_API_KEY: 'aff_0123456789' }), [/^STRIPE_SECRET_KEY is missing/], 'nor is production a sandbox')
})

t.test('a management key of Affitor is refused, with what to set instead', async t => {
  const said = 'AFFITOR_API_KEY is a management key ("affk_..."), which tracking calls are answered 401 for. Set the program\'s tracking key ("aff_...").'
  try {
    loadConfig({ DATABASE_URL: 'postgres://localhost/x', AFFITOR_API_KEY: 'affk_0123456789' })
    t.fail('taken')
  } catch (error) {
    t.ok((error as ConfigError).problems.includes(said), (error as ConfigError).message)
  }
})
