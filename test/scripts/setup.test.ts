import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { checkWritable } from '../../src/cli/env-file.js'
import { readOptions, setup } from '../../src/cli/setup.js'
import { readEnvironment } from '../../src/environment.js'
import { STRIPE_API_VERSION } from '../../src/stripe/api-version.js'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import { startStripe } from '../helpers/stripe.js'
import type { RunningStripe } from '../helpers/stripe.js'

const run = promisify(execFile)
const COMMAND = join(import.meta.dirname, '../../src/cli/index.ts')
const ADDRESS = 'https://api.shop.example/webhooks/stripe'
const NEEDED = [...NEEDED_EVENT_TYPES] as Stripe.WebhookEndpointCreateParams.EnabledEvent[]

interface Result { code: number, stdout: string, stderr: string }

interface Shell {
  stripe: RunningStripe
  envFile: string
  /** Runs the command with a file of its own, as a person would; in this process, as a new one takes a second. */
  setup (args: string[], variables?: Record<string, string>): Promise<Result>
  /** Runs it in a process and a folder of its own. */
  setupApart (args: string[], variables?: Record<string, string>): Promise<Result>
  endpoints (): Promise<Stripe.WebhookEndpoint[]>
}

async function openShell (t: Test): Promise<Shell> {
  const stripe = await startStripe(t)
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const envFile = join(folder, '.env')
  const given = { STRIPE_SECRET_KEY: stripe.secretKey, STRIPE_API_URL: stripe.url }
  return {
    stripe,
    envFile,
    async setup (args, variables = {}) {
      const log = t.capture(console, 'log')
      let error: Error | undefined
      try {
        await setup(readOptions(args, { ...readEnvironment(dirname(envFile)), ...given, ...variables }, envFile))
      } catch (cause) {
        error = cause as Error
      }
      log.restore()
      const stdout = log().map(({ args: [line] }) => `${line}\n`).join('')
      return { code: error === undefined ? 0 : 1, stdout, stderr: error?.message ?? '' }
    },
    async setupApart (args, variables = {}) {
      const env = { PATH: process.env.PATH, ...given, ...variables }
      try {
        return { code: 0, ...await run(process.execPath, [`--import=${import.meta.resolve('tsx')}`, COMMAND, 'setup', ...args], { env, cwd: folder }) }
      } catch (error) {
        const { code, stdout, stderr } = error as Result
        return { code, stdout, stderr }
      }
    },
    endpoints: async () => (await stripe.client.webhookEndpoints.list()).data
  }
}

t.test('setup makes the endpoint, prints its secret once, and changes nothing the second time', async t => {
  const shell = await openShell(t)
  const first = await shell.setupApart(['--url', 'https://api.shop.example'], { AFFITOR_PROGRAM_ID: '42' })
  t.equal(first.code, 0, first.stderr)
  const [endpoint, ...others] = await shell.endpoints()
  t.same(others, [])
  t.match(endpoint, { url: ADDRESS, api_version: STRIPE_API_VERSION, status: 'enabled', description: 'fastify-affitor' })
  t.same(endpoint?.enabled_events, NEEDED)
  t.match(first.stdout, `Made the webhook endpoint ${endpoint?.id} for ${ADDRESS}, with 17 event types and API version ${STRIPE_API_VERSION}.`)
  t.match(first.stdout, /^ {2}STRIPE_WEBHOOK_SECRET=whsec_\w{32}$/m)
  t.match(first.stdout, '  <script src="https://api.affitor.com/js/affitor-tracker.js" data-affitor-program-id="42" defer></script>\n')

  const second = await shell.setupApart([], { PUBLIC_URL: 'https://api.shop.example', STRIPE_WEBHOOK_SECRET: 'whsec_x' })
  t.equal(second.code, 0, second.stderr)
  t.match(second.stdout, `The webhook endpoint ${endpoint?.id} for ${ADDRESS} is as it should be: nothing was changed.\nWhether all is connected right:\n\n✓ node: `)
  t.match(second.stdout, /^✓ stripe-endpoint-events: All 17 needed event types are sent\.$/m)
  t.match(second.stdout, /^✗ postgres: No database is named\.$/m, 'what is wrong besides does not make setup fail')
  t.same(await shell.endpoints(), [endpoint])
  await t.rejects(readFile(shell.envFile), { code: 'ENOENT' }, 'no file was written')
})

t.test('setup adds what is missing and enables, without asking; it leaves what is not needed', async t => {
  const shell = await openShell(t)
  const { id } = await shell.stripe.client.webhookEndpoints.create({ url: ADDRESS, enabled_events: [...NEEDED.slice(2), 'payout.paid', 'customer.created'], api_version: STRIPE_API_VERSION })
  await shell.stripe.client.webhookEndpoints.update(id, { disabled: true })
  const surplus = `The webhook endpoint ${id} also sends what is not needed: payout.paid, customer.created. It is answered and ignored, and was left; --yes removes it.\n`
  const changes = `the webhook endpoint ${id} for ${ADDRESS}: enables it; adds ${NEEDED.slice(0, 2).join(', ')}`
  const unset = 'STRIPE_WEBHOOK_SECRET is not set: copy the endpoint\'s signing secret from Stripe\'s Dashboard under Webhooks.\n'

  const before = await shell.endpoints()
  const dry = await shell.setup(['--url', ADDRESS, '--dry-run'])
  t.equal(dry.stdout, `${surplus}Would change ${changes}.\n${unset}`)
  const dryYes = await shell.setup(['--url', ADDRESS, '--dry-run', '--yes'])
  t.equal(dryYes.stdout, `Would change ${changes}; removes payout.paid, customer.created.\n${unset}`)
  t.same(await shell.endpoints(), before, 'a dry run changes nothing')

  const repaired = await shell.setup(['--url', ADDRESS])
  t.equal(repaired.code, 0, repaired.stderr)
  t.equal(repaired.stdout, `${surplus}Changed ${changes}.\n${unset}`)
  const [changed] = await shell.endpoints()
  t.equal(changed?.status, 'enabled')
  t.same(new Set(changed?.enabled_events), new Set([...NEEDED, 'payout.paid', 'customer.created']))

  const again = await shell.setup(['--url', ADDRESS])
  t.equal(again.stdout, `${surplus}The webhook endpoint ${id} for ${ADDRESS} has all that is needed: nothing was changed.\n${unset}`)
  const yes = await shell.setup(['--url', ADDRESS, '--yes'])
  t.equal(yes.stdout, `Changed the webhook endpoint ${id} for ${ADDRESS}: removes payout.paid, customer.created.\n${unset}`)
  t.same((await shell.endpoints())[0]?.enabled_events, NEEDED)
})

t.test('at a terminal it is asked before event types are removed', async t => {
  const { client } = await startStripe(t)
  const log = t.capture(console, 'log')
  const { id } = await client.webhookEndpoints.create({ url: ADDRESS, enabled_events: ['*'] })
  const questions: string[] = []
  let settled = 0
  const answering = async (answer: boolean) => {
    await setup({
      stripe: client,
      livemode: false,
      url: new URL(ADDRESS),
      write: false,
      dryRun: false,
      yes: false,
      environment: {},
      envFile: '.env',
      async confirm (question) {
        questions.push(question)
        return answer
      }
    }, async () => { settled++ })
    return (await client.webhookEndpoints.retrieve(id)).enabled_events
  }
  t.same(await answering(false), ['*'])
  t.same(await answering(true), NEEDED)
  t.same(await answering(false), NEEDED, 'nothing is left to ask')
  t.same(questions, Array(2).fill(`The webhook endpoint ${id} also sends what is not needed: every event type there is. Remove it?`))
  t.equal(settled, 3, 'the installation is looked at each time')
  t.match(log().map(({ args }) => args[0]).join('\n'), `Changed the webhook endpoint ${id} for ${ADDRESS}: removes every event type there is.`)
})

t.test('a dry run makes nothing', async t => {
  const shell = await openShell(t)
  const { code, stdout } = await shell.setup(['--url', 'https://api.shop.example', '--dry-run', '--write'])
  t.equal(code, 0)
  t.equal(stdout, `Would make a webhook endpoint for ${ADDRESS}, with 17 event types and API version ${STRIPE_API_VERSION}, and write its signing secret into .env.\n`)
  t.same(await shell.endpoints(), [])
  await t.rejects(readFile(shell.envFile), { code: 'ENOENT' })
})

t.test('--write puts the secret into .env, and prints it nowhere', async t => {
  await t.test('a new file is for its owner alone', async t => {
    const shell = await openShell(t)
    const { code, stdout, stderr } = await shell.setupApart(['--url', ADDRESS, '--write'])
    t.equal(code, 0, stderr)
    t.notMatch(stdout + stderr, /whsec_/)
    t.match(stdout, 'Wrote its signing secret into .env as STRIPE_WEBHOOK_SECRET.\n')
    t.match(await readFile(shell.envFile, 'utf8'), /^STRIPE_WEBHOOK_SECRET=whsec_\w{32}\n$/)
    t.equal((await stat(shell.envFile)).mode & 0o777, 0o600)
    t.match((await shell.setupApart(['--url', ADDRESS])).stdout,
      `The webhook endpoint ${(await shell.endpoints())[0]?.id} for ${ADDRESS} is as it should be: nothing was changed.\n`, 'the file is read')
  })
  await t.test('the rest of the file stays, and the secret before it counts on', async t => {
    const shell = await openShell(t)
    const rest = ['# of the shop', 'A=1 # one', '', 'NOT_STRIPE_WEBHOOK_SECRET=no', '# STRIPE_WEBHOOK_SECRET=commented out']
    await writeFile(shell.envFile, [...rest, 'export STRIPE_WEBHOOK_SECRET="whsec_old,whsec_older"', 'Z=2'].join('\n'), { mode: 0o640 })
    const { stdout } = await shell.setup(['--url', ADDRESS, '--write'])
    t.match(stdout, 'Wrote its signing secret into .env as STRIPE_WEBHOOK_SECRET, before the one that was there: take that out once nothing uses it.\n')
    t.notMatch(stdout, /whsec_|is set in the environment/)
    const lines = (await readFile(shell.envFile, 'utf8')).split('\n')
    t.same(lines.toSpliced(5, 1), [...rest, 'Z=2'])
    t.match(lines[5], /^export STRIPE_WEBHOOK_SECRET=whsec_\w{32},whsec_old$/)
    t.equal((await stat(shell.envFile)).mode & 0o777, 0o640)
  })
  await t.test('a file without the variable gets it at its end', async t => {
    const shell = await openShell(t)
    await writeFile(shell.envFile, 'A=1')
    const { stdout } = await shell.setup(['--url', ADDRESS, '--write'], { STRIPE_WEBHOOK_SECRET: 'whsec_elsewhere' })
    t.match(await readFile(shell.envFile, 'utf8'), /^A=1\nSTRIPE_WEBHOOK_SECRET=whsec_\w{32}\n$/)
    t.match(stdout, 'STRIPE_WEBHOOK_SECRET is set in the environment too, which counts more than .env: change it there.\n')
  })
})

t.test('setup says what it needs', async t => {
  const shell = await openShell(t)
  const refused = async (args: string[], variables: Record<string, string> = {}) => {
    const { code, stdout, stderr } = await shell.setup(args, variables)
    t.equal(code, 1)
    t.equal(stdout, '')
    t.notMatch(stderr, shell.stripe.secretKey)
    return stderr.trim()
  }
  t.match(await refused([]), /^The address is missing: give --url, or set PUBLIC_URL\.\s+Usage: npx fastify-affitor setup --url/)
  t.match(await refused(['--uri', ADDRESS]), /^Unknown option '--uri'[^]+Usage: npx fastify-affitor setup/)
  t.equal(await refused(['--url', 'shop']), '"shop" is no web address: give one such as https://api.example.com.')
  t.equal(await refused(['--url', 'https://me:mine@shop.example']), 'The address must be without a user and a password.')
  t.equal(await refused(['--url', 'http://localhost:3000']), 'Stripe sends nothing to localhost:3000, which only this machine reaches. ' +
    'To try things out, run "stripe listen --forward-to http://localhost:3000/webhooks/stripe" and set STRIPE_WEBHOOK_SECRET to the secret that it prints.')
  t.equal(await refused(['--url', 'http://shop.example'], { STRIPE_SECRET_KEY: 'sk_live_0123456789' }),
    'Stripe sends live events to https:// only: http://shop.example/webhooks/stripe is not.')
  t.equal(await refused(['--url', ADDRESS], { STRIPE_SECRET_KEY: '' }), 'The Stripe key is missing: set STRIPE_SECRET_KEY in the environment, or in .env.')
  t.equal(await refused(['--url', ADDRESS], { STRIPE_SECRET_KEY: 'pk_test_0123456789' }),
    'STRIPE_SECRET_KEY is no secret or restricted key: these begin with sk_live_, sk_test_, rk_live_ or rk_test_.')
  t.equal(await refused(['--url', ADDRESS], { STRIPE_SECRET_KEY: 'sk_test_0123456789' }),
    'Stripe refuses the key: set STRIPE_SECRET_KEY to one that Stripe\'s Dashboard shows under "API keys".')
  t.equal(await refused(['--url', ADDRESS], { STRIPE_API_URL: 'http://127.0.0.1:9' }), 'Stripe cannot be reached: look at the network, and at STRIPE_API_URL.')
  const apart = await shell.setupApart(['--url', ADDRESS], { STRIPE_SECRET_KEY: 'sk_test_0123456789' })
  t.equal(apart.code, 1)
  t.equal(apart.stderr, '\nStripe refuses the key: set STRIPE_SECRET_KEY to one that Stripe\'s Dashboard shows under "API keys".\n\n', 'no stack')
  await shell.stripe.control('POST', '/behaviour', { permissions: ['webhook_read'] })
  t.equal(await refused(['--url', ADDRESS]), 'The key may not set up webhook endpoints: in Stripe\'s Dashboard under "API keys", give it Webhook Endpoints: Write.')
  await shell.stripe.control('DELETE', '/behaviour')
  t.same(await shell.endpoints(), [])
})

t.test('setup says what it cannot repair', async t => {
  const shell = await openShell(t)
  const { id } = await shell.stripe.client.webhookEndpoints.create({ url: ADDRESS, enabled_events: NEEDED.slice(1), api_version: '2019-12-03' })
  const old = await shell.setup(['--url', ADDRESS])
  t.equal(old.code, 1)
  t.match(old.stdout, `Changed the webhook endpoint ${id} for ${ADDRESS}: adds ${NEEDED[0]}.\n`, 'what can be repaired is')
  t.equal(old.stderr.trim(), `The webhook endpoint ${id} has API version 2019-12-03, which is not read, and which cannot be changed: ` +
    'delete the endpoint in Stripe\'s Dashboard under Webhooks, and run this again.')
  await shell.stripe.client.webhookEndpoints.del(id)
  for (let made = 0; made < 16; made++) await shell.stripe.client.webhookEndpoints.create({ url: 'https://other.example', enabled_events: ['*'] })
  const full = await shell.setup(['--url', ADDRESS])
  t.equal(full.code, 1)
  t.equal(full.stderr.trim(), 'Stripe answers with status 400: You have reached the maximum of 16 test webhook endpoints.')
})

t.test('setup says when more than one endpoint leads to the address', async t => {
  const shell = await openShell(t)
  for (let made = 0; made < 2; made++) await shell.stripe.client.webhookEndpoints.create({ url: ADDRESS, enabled_events: NEEDED, api_version: STRIPE_API_VERSION })
  const { code, stdout } = await shell.setup(['--url', ADDRESS])
  t.equal(code, 0)
  t.match(stdout, `2 webhook endpoints lead to ${ADDRESS}. Each event comes from all of them: delete those that are not needed in Stripe's Dashboard under Webhooks.\n`)
})

t.test('a secret that cannot be written is not lost', async t => {
  const shell = await openShell(t)
  const nowhere = join(shell.envFile, '..', 'nowhere', '.env')
  await t.rejects(checkWritable(nowhere), { message: `${nowhere} cannot be written: ENOENT: no such file or directory, access '${join(nowhere, '..')}'` }, 'looked at before the endpoint is made')
  await symlink(nowhere, shell.envFile)
  const { code, stdout, stderr } = await shell.setup(['--url', ADDRESS, '--write'])
  t.equal(code, 1)
  const [endpoint] = await shell.endpoints()
  t.equal(stderr.trim(), `The webhook endpoint ${endpoint?.id} is made, and its signing secret could not be written: ENOENT: no such file or directory, open '${shell.envFile}'. ` +
    'Copy it from Stripe\'s Dashboard under Webhooks into STRIPE_WEBHOOK_SECRET.')
  t.notMatch(stdout + stderr, /whsec_/)
})
