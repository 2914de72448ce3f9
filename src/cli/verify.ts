import type pg from 'pg'
import { findChromium, installationChecks, runChecks } from '../checks/index.js'
import type { Check, CheckResult } from '../checks/index.js'
import { openDatabase } from '../db/pool.js'
import { readEnvironment } from '../environment.js'
import type { Variables } from '../environment.js'
import { readPurpose } from '../ledger/installation.js'
import { AFFITOR_API } from '../settings.js'
import { createStripeClient, STRIPE_API } from '../stripe/client.js'
import { webhookUrlOf } from '../stripe/webhook-endpoint.js'
import { readArguments } from './arguments.js'

export const summary = 'Say whether everything is connected right, a line each'

const usage = (command: string) => `Usage: ${command} [--url https://api.example.com] [--page https://shop.example.com/] [--chain] [--json]

Looks at the database, Stripe, Affitor, the webhook and the page, and says of each what is right, and what to do about what
is not. It changes nothing. The exit code is 1 when something is wrong.
  --url    where the app is reached from outside, or the webhook's full address; default: PUBLIC_URL
  --page   a page with Affitor's tracker: it is opened in Chromium if that is installed, else read
  --chain  let Affitor send its own synthetic click, lead and sale (10 an hour)
  --json   an array of { check, status: "pass" | "fail" | "skip", message, fix }

Keys and addresses are those of the environment, or of .env: DATABASE_URL, DATABASE_DIRECT_URL, STRIPE_SECRET_KEY,
STRIPE_WEBHOOK_SECRET, AFFITOR_API_KEY, AFFITOR_PROGRAM_ID, PUBLIC_URL.`

/** Longest that one check takes, in milliseconds: a browser's start on a busy machine is in it. */
const TIMEOUT_MS = 30_000

const SECRETS = /KEY|SECRET|TOKEN|PASSWORD|ALERT_WEBHOOK_URL/
const MARKS = { pass: '✓', fail: '✗', skip: '–' }

export interface VerifyOptions {
  url?: string | undefined
  page?: string | undefined
  chain?: boolean | undefined
  json?: boolean | undefined
}

export async function run (): Promise<void> {
  if (!await verify(readOptions(), readEnvironment())) process.exitCode = 1
}

export function readOptions (command = 'npx fastify-affitor verify'): VerifyOptions {
  const options = readArguments({
    url: { type: 'string' }, page: { type: 'string' }, chain: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }
  }, usage(command))
  for (const name of ['url', 'page'] as const) {
    const value = options[name]
    if (value !== undefined && !/^https?:\/\/[^\s/]/.test(value)) throw new Error(`--${name} must be an http or https address.\n\n${usage(command)}`)
  }
  return options
}

/**
 * Prints what the checks find.
 * @param first what is checked before all else, of what only the caller knows
 * @returns whether nothing is wrong
 */
export async function verify ({ url, page, chain = false, json = false }: VerifyOptions, variables: Variables, first: Check[] = []): Promise<boolean> {
  const given = (name: string) => variables[name]?.trim() || undefined
  const address = given('DATABASE_DIRECT_URL') ?? given('DATABASE_URL')
  const pool = address === undefined ? undefined : openDatabase({ connectionString: address, poolSize: 4 }).pool
  const secretKey = given('STRIPE_SECRET_KEY')
  const publicUrl = url ?? given('PUBLIC_URL')
  const checks = [...first, ...installationChecks({
    database: { pool, direct: given('DATABASE_DIRECT_URL') !== undefined },
    stripe: {
      client: secretKey === undefined ? undefined : createStripeClient({ secretKey, apiUrl: given('STRIPE_API_URL') ?? STRIPE_API }),
      secretKey,
      livemode: (pool && await livemodeOf(pool)) ?? /^[sr]k_live_/.test(secretKey ?? ''),
      webhookUrl: publicUrl && addressOf(publicUrl),
      webhookSecrets: entries(given('STRIPE_WEBHOOK_SECRET')),
      connectedAccounts: entries(given('STRIPE_CONNECTED_ACCOUNTS'))
    },
    affitor: { apiKey: given('AFFITOR_API_KEY'), apiUrl: given('AFFITOR_API_URL') ?? AFFITOR_API, programId: given('AFFITOR_PROGRAM_ID') }
  }, { page, chain, chromium: findChromium(variables) })]
  const results = await runChecks(checks, { timeoutMs: TIMEOUT_MS, secrets: secretsOf(variables), onResult: json ? undefined : print })
  await pool?.end()
  if (json) console.log(JSON.stringify(results, undefined, 2))
  else console.log(`\n${count(results, 'pass')} right, ${count(results, 'fail')} wrong, ${count(results, 'skip')} not checked.`)
  return results.every(({ status }) => status !== 'fail')
}

/** A bare origin gets the webhook's path; of what is no address, the checks say so. */
function addressOf (publicUrl: string): string {
  try {
    return webhookUrlOf(publicUrl).href
  } catch {
    return publicUrl
  }
}

function entries (list = ''): string[] {
  return list.split(',').map(entry => entry.trim()).filter(entry => entry !== '')
}

/** The Stripe mode that the database is for; undefined when it does not tell. */
async function livemodeOf (pool: pg.Pool): Promise<boolean | undefined> {
  try {
    const client = await pool.connect()
    return await readPurpose(client).then(purpose => purpose?.stripeLivemode).finally(() => { client.release() })
  } catch {
    // That it cannot be asked, its own check says.
    return undefined
  }
}

/** Whatever may not be shown, the passwords of the database's addresses among it. */
function secretsOf (variables: Variables): string[] {
  const passwords = ['DATABASE_URL', 'DATABASE_DIRECT_URL'].map(name => variables[name]).map(url => url !== undefined && URL.canParse(url) ? new URL(url).password : '')
  return Object.entries(variables)
    .filter(([name]) => SECRETS.test(name))
    .flatMap(([, value = '']) => value.split(','))
    .concat(passwords, passwords.map(decoded))
    .map(secret => secret.trim())
    // A short one would be found in words.
    .filter(secret => secret.length >= 6)
}

function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function print ({ check, status, message, fix }: CheckResult): void {
  console.log(`${MARKS[status]} ${check}: ${message}${fix === null ? '' : `\n  → ${fix}`}`)
}

function count (results: CheckResult[], status: CheckResult['status']): number {
  return results.filter(result => result.status === status).length
}
