import type Stripe from 'stripe'
import { trackerTag } from '../affitor/tracker-tag.js'
import { readEnvironment } from '../environment.js'
import type { Variables } from '../environment.js'
import { AFFITOR_API } from '../settings.js'
import { isStripeError } from '../stripe-error.js'
import { readsApiVersion, STRIPE_API_VERSION } from '../stripe/api-version.js'
import { createStripeClient, STRIPE_API } from '../stripe/client.js'
import { NEEDED_EVENT_TYPES } from '../stripe/interpret/index.js'
import { endpointsOf, eventsOf, isLocal, listWebhookEndpoints, webhookUrlOf } from '../stripe/webhook-endpoint.js'
import { readArguments } from './arguments.js'
import { confirmAtTerminal } from './confirm.js'
import { checkWritable, readVariable, writeVariable } from './env-file.js'
import { verify } from './verify.js'

export const summary = 'Make the webhook endpoint at Stripe, or repair it'

const USAGE = `Usage: npx fastify-affitor setup --url https://api.example.com [--write] [--dry-run] [--yes]

Makes the webhook endpoint at Stripe with the event types and the API version that are needed, or repairs the one that is
there. Run twice it changes nothing. STRIPE_SECRET_KEY of the environment, or of .env, is the account.
  --url      where Stripe reaches the app; without a path /webhooks/stripe is added. Default: PUBLIC_URL
  --write    write the signing secret of a new endpoint into .env, and do not print it
  --dry-run  say what would be done, and change nothing
  --yes      also remove event types that are not needed, without asking`

const SECRET = 'STRIPE_WEBHOOK_SECRET'

export interface SetupOptions {
  stripe: Stripe
  livemode: boolean
  url: URL
  /** Write the secret into .env, and do not print it. */
  write: boolean
  dryRun: boolean
  /** Remove event types that are not needed. */
  yes: boolean
  /** Asks a person whether to, otherwise; undefined when nobody is there. */
  confirm: ((question: string) => Promise<boolean>) | undefined
  environment: Variables
  /** Path of .env. */
  envFile: string
}

export async function run (): Promise<void> {
  const options = readOptions(process.argv.slice(2), readEnvironment(), '.env')
  await setup(options, async () => {
    console.log('Whether all is connected right:\n')
    // With what --write has just written.
    await verify({ url: options.url.href }, readEnvironment())
  })
}

/**
 * What the command is to do.
 * @throws with a sentence when something is missing, or cannot be
 */
export function readOptions (args: string[], environment: Variables, envFile: string): SetupOptions {
  const { url, write, 'dry-run': dryRun, yes } = readArguments({
    url: { type: 'string', default: environment.PUBLIC_URL },
    write: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false }
  }, USAGE, args)
  if (url === undefined || url === '') throw new Error(`The address is missing: give --url, or set PUBLIC_URL.\n\n${USAGE}`)
  const secretKey = environment.STRIPE_SECRET_KEY ?? ''
  if (secretKey === '') throw new Error('The Stripe key is missing: set STRIPE_SECRET_KEY in the environment, or in .env.')
  const mode = /^(?:sk|rk)_(live|test)_\S+$/.exec(secretKey)?.[1]
  if (mode === undefined) throw new Error('STRIPE_SECRET_KEY is no secret or restricted key: these begin with sk_live_, sk_test_, rk_live_ or rk_test_.')
  const stripe = createStripeClient({ secretKey, apiUrl: environment.STRIPE_API_URL || STRIPE_API })
  return { stripe, livemode: mode === 'live', url: webhookUrlOf(url), write, dryRun, yes, confirm: confirmAtTerminal(), environment, envFile }
}

/**
 * Makes or repairs the webhook endpoint.
 * @param after looks whether all of the installation is right, once something is set up
 * @throws with a sentence when it cannot be done
 */
export async function setup (options: SetupOptions, after: () => Promise<void> = async () => {}): Promise<void> {
  const { url, livemode, dryRun } = options
  if (isLocal(url)) {
    throw new Error(`Stripe sends nothing to ${url.host}, which only this machine reaches. To try things out, run "stripe listen --forward-to ${url.href}" and set ${SECRET} to the secret that it prints.`)
  }
  if (livemode && url.protocol !== 'https:') throw new Error(`Stripe sends live events to https:// only: ${url.href} is not.`)
  await inWords(async () => {
    const { matching } = endpointsOf(url, await listWebhookEndpoints(options.stripe))
    if (matching.length === 0) await make(options)
    for (const endpoint of matching) await repair(options, endpoint)
    if (matching.length > 1) {
      console.log(`${matching.length} webhook endpoints lead to ${url.href}. Each event comes from all of them: delete those that are not needed in Stripe's Dashboard under Webhooks.`)
    }
  })
  printTracker(options.environment)
  if (!dryRun) await after()
}

async function make ({ stripe, url, write, dryRun, environment, envFile }: SetupOptions): Promise<void> {
  const what = `for ${url.href}, with ${NEEDED_EVENT_TYPES.size} event types and API version ${STRIPE_API_VERSION}`
  if (dryRun) {
    console.log(`Would make a webhook endpoint ${what}, and ${write ? 'write its signing secret into .env' : 'print its signing secret'}.`)
    return
  }
  // The secret comes with the endpoint, and has to be put somewhere then.
  if (write) await checkWritable(envFile)
  const { id, secret = '' } = await stripe.webhookEndpoints.create({
    url: url.href,
    enabled_events: [...NEEDED_EVENT_TYPES] as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
    api_version: STRIPE_API_VERSION,
    description: 'fastify-affitor'
  }, { apiVersion: STRIPE_API_VERSION })
  console.log(`Made the webhook endpoint ${id} ${what}.`)
  if (write) await writeSecret(secret, id, environment, envFile)
  else console.log(`Its signing secret, which Stripe's Dashboard also shows under Webhooks:\n\n  ${SECRET}=${secret}\n`)
}

/** The new secret comes first, and the one before it counts until it is taken out: another endpoint may still use it. */
async function writeSecret (secret: string, id: string, environment: Variables, envFile: string): Promise<void> {
  try {
    const former = (await readVariable(envFile, SECRET))?.split(',')[0]?.trim() ?? ''
    await writeVariable(envFile, SECRET, [secret, former].filter(one => one !== '').join(','))
    console.log(`Wrote its signing secret into .env as ${SECRET}${former === '' ? '' : ', before the one that was there: take that out once nothing uses it'}.`)
    const inForce = environment[SECRET] ?? ''
    if (inForce !== '' && inForce.split(',')[0]?.trim() !== former) {
      console.log(`${SECRET} is set in the environment too, which counts more than .env: change it there.`)
    }
  } catch (error) {
    throw new Error(`The webhook endpoint ${id} is made, and its signing secret could not be written: ${(error as Error).message}. ` +
      `Copy it from Stripe's Dashboard under Webhooks into ${SECRET}.`, { cause: error })
  }
}

async function repair ({ stripe, url, dryRun, yes, confirm, environment }: SetupOptions, endpoint: Stripe.WebhookEndpoint): Promise<void> {
  const { id, status, enabled_events: enabled, api_version: version } = endpoint
  const { missing, surplus, all } = eventsOf(endpoint)
  const excess = all ? 'every event type there is' : surplus.join(', ')
  const changes = [
    ...(status === 'enabled' ? [] : ['enables it']),
    ...(missing.length === 0 ? [] : [`adds ${missing.join(', ')}`])
  ]
  let kept = [...enabled, ...missing]
  if (excess !== '') {
    const told = `The webhook endpoint ${id} also sends what is not needed: ${excess}.`
    if (yes || (!dryRun && await confirm?.(`${told} Remove it?`) === true)) {
      kept = [...NEEDED_EVENT_TYPES]
      changes.push(`removes ${excess}`)
    } else console.log(`${told} It is answered and ignored, and was left; --yes removes it.`)
  }
  if (changes.length === 0) {
    console.log(`The webhook endpoint ${id} for ${url.href} ${excess === '' ? 'is as it should be' : 'has all that is needed'}: nothing was changed.`)
  } else if (dryRun) {
    console.log(`Would change the webhook endpoint ${id} for ${url.href}: ${changes.join('; ')}.`)
  } else {
    const events = missing.length > 0 || kept.length !== enabled.length
    await stripe.webhookEndpoints.update(id, {
      ...(status !== 'enabled' && { disabled: false }),
      ...(events && { enabled_events: kept as Stripe.WebhookEndpointUpdateParams.EnabledEvent[] })
    }, { apiVersion: STRIPE_API_VERSION })
    console.log(`Changed the webhook endpoint ${id} for ${url.href}: ${changes.join('; ')}.`)
  }
  if ((environment[SECRET] ?? '') === '') console.log(`${SECRET} is not set: copy the endpoint's signing secret from Stripe's Dashboard under Webhooks.`)
  if (version !== null && readsApiVersion(version) !== 'yes') {
    throw new Error(`The webhook endpoint ${id} has API version ${version}, which is not read, and which cannot be changed: delete the endpoint in Stripe's Dashboard under Webhooks, and run this again.`)
  }
}

function printTracker ({ AFFITOR_PROGRAM_ID: programId = '', AFFITOR_API_URL: apiUrl }: Variables): void {
  if (!/^[A-Za-z0-9_-]+$/.test(programId)) return
  console.log(`\nAffitor's tracker, for the <head> of every page that visitors land on:\n\n  ${trackerTag(apiUrl || AFFITOR_API, programId)}\n`)
}

/** Says Stripe's refusals as what to do. */
async function inWords (action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    throw isStripeError(error) ? new Error(wordsOf(error), { cause: error }) : error
  }
}

function wordsOf ({ statusCode, message }: Stripe.errors.StripeError): string {
  if (statusCode === undefined) return 'Stripe cannot be reached: look at the network, and at STRIPE_API_URL.'
  // Stripe's own sentences show parts of the key.
  if (statusCode === 401) return 'Stripe refuses the key: set STRIPE_SECRET_KEY to one that Stripe\'s Dashboard shows under "API keys".'
  if (statusCode === 403) return 'The key may not set up webhook endpoints: in Stripe\'s Dashboard under "API keys", give it Webhook Endpoints: Write.'
  return `Stripe answers with status ${statusCode}: ${message}`
}
