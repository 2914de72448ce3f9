import { fail, pass } from '../checks/check.js'
import type { Check, Finding } from '../checks/check.js'
import { readEnvironment } from '../environment.js'
import type { Variables } from '../environment.js'
import { ConfigError } from '../service/config.js'
import type { Config, ProvidedConfig } from '../service/config.js'
import { runIfEntry } from '../service/run.js'
import { readOptions, verify } from './verify.js'
import type { VerifyOptions } from './verify.js'

/** `verify` for the standalone service, whose configuration is checked as a whole. */
export async function run (provide: () => Promise<ProvidedConfig>): Promise<void> {
  const options = readOptions('npm run verify --')
  const isRight = await provide().then(provided => verifyConfigured(options, provided), async error => {
    if (error instanceof ConfigError) return await verify(options, readEnvironment(), [configuration(fail(error.problems.join(' '), SET_THEM))])
    throw error
  })
  if (!isRight) process.exitCode = 1
}

async function verifyConfigured (options: VerifyOptions, { config, release }: ProvidedConfig): Promise<boolean> {
  // The storefront has the tracker, where it is.
  const storefront = config.STOREFRONT ? `${options.url === undefined ? config.PUBLIC_URL : new URL(options.url).origin}/` : undefined
  const page = options.page ?? storefront
  try {
    return await verify({ ...options, page }, variablesOf(config), [configuration(configurationFinding(config))])
  } finally {
    await release()
  }
}

function configurationFinding ({ mode, missing, livemode }: Config): Finding {
  if (mode === 'live') return pass(`The variables fit each other; Stripe's mode is ${livemode ? 'live' : 'test'}.`)
  return missing === undefined
    ? pass('No account is configured: these are the stand-ins of the sandbox.')
    : fail(`Affitor's account is configured in part, so these are the stand-ins of the sandbox. Missing for real accounts: ${missing.join(', ')}.`, SET_THEM)
}

const SET_THEM = 'Set these variables, in .env or in the environment: docs/environment.md explains each.'

function configuration (finding: Finding): Check {
  return { name: 'configuration', run: async () => finding }
}

/** What is checked: the environment, with what follows from it. */
function variablesOf (config: Config): Variables {
  const filledIn = Object.entries(config).filter(([, value]) => value !== undefined).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)])
  return { ...readEnvironment(), ...Object.fromEntries(filledIn) }
}

await runIfEntry(import.meta.url, run)
