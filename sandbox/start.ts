import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../src/service/config.js'
import { main } from '../src/service/run.js'
import { serve } from '../src/service/server.js'
import { buildAffitorSandbox } from './affitor/index.js'
import { announceSandbox } from './announce.js'
import { banner } from './banner.js'
import type { StandInLinks } from './pages/frame.js'
import { buildStripeSandbox } from './stripe/index.js'
import { withDatabase } from './with-database.js'

/** What `npm start` runs: the service with its database, and without any account the stand-ins that it talks to. */
await main(async () => {
  // At the same time: a start waits for the database, and for modules.
  const [{ config, release }] = await Promise.all([withDatabase(), import('../src/service/app.js')])
  try {
    await (config.mode === 'live' ? serve(config, { onStop: release }) : serveSandbox(config, release))
  } catch (error) {
    await release()
    throw error
  }
})

async function serveSandbox (config: Config, release: () => Promise<void>): Promise<void> {
  const [stripeWebhookSecret = ''] = config.STRIPE_WEBHOOK_SECRET
  const folder = await prepareFolder(config.DATA_DIR)
  let links: StandInLinks = {}
  const affitor = await buildAffitorSandbox({
    programId: config.AFFITOR_PROGRAM_ID,
    apiKey: config.AFFITOR_API_KEY,
    stateFile: join(folder, 'affitor.json'),
    links: () => links
  })
  const stripe = await buildStripeSandbox({
    secretKey: config.STRIPE_SECRET_KEY,
    webhookSecret: stripeWebhookSecret,
    stateFile: join(folder, 'stripe.json'),
    links: () => links
  })
  const urls = {
    AFFITOR_API_URL: await listen(affitor, config.PORT, 1),
    STRIPE_API_URL: await listen(stripe, config.PORT, 2)
  }
  const app = await serve({ ...config, ...urls }, {
    extend: app => { announceSandbox(app, { affitor: urls.AFFITOR_API_URL, stripe: urls.STRIPE_API_URL }) },
    onStop: async () => { await Promise.all([affitor.close(), stripe.close(), release()]) }
  }).catch((error: Error) => { throw explainBusyPort(error, config.PORT) })
  const { port } = app.server.address() as AddressInfo
  stripe.stripe.setWebhookUrl(`http://127.0.0.1:${port}/webhooks/stripe`)
  links = standInLinks(`http://localhost:${port}`, config, urls)
  console.log(banner({ url: `http://localhost:${port}`, affitorUrl: urls.AFFITOR_API_URL, stripeUrl: urls.STRIPE_API_URL, adminToken: config.ADMIN_TOKEN[0], apiToken: config.API_TOKEN[0], metricsToken: config.METRICS_TOKEN[0], missing: config.missing }))
}

function standInLinks (url: string, { STOREFRONT }: Config, urls: Pick<Config, 'AFFITOR_API_URL' | 'STRIPE_API_URL'>): StandInLinks {
  return {
    ...(STOREFRONT && { storefront: `${url}/` }),
    operator: `${url}/operator`,
    docs: `${url}/docs`,
    affitor: urls.AFFITOR_API_URL,
    stripe: urls.STRIPE_API_URL
  }
}

/** The folder in which the stand-ins remember. */
async function prepareFolder (dataDir: string): Promise<string> {
  const folder = join(dataDir, 'sandbox')
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    return folder
  } catch (error) {
    throw new Error(`The data directory ${dataDir} cannot be used: ${(error as Error).message}. Set DATA_DIR to one that this user can write.`, { cause: error })
  }
}

/** A stand-in listens on a port after the service's, or on any free one when the service does. */
async function listen (standIn: FastifyInstance, port: number, offset: 1 | 2): Promise<string> {
  try {
    return await standIn.listen({ host: '127.0.0.1', port: port === 0 ? 0 : port + offset })
  } catch (error) {
    throw explainBusyPort(error as Error, port)
  }
}

/** Who set one port learns which of three is busy. */
function explainBusyPort (error: NodeJS.ErrnoException & { port?: number }, port: number): Error {
  if (error.code !== 'EADDRINUSE' || error.port === undefined || port === 0) return error
  const users = ['the service', 'the Affitor stand-in', 'the Stripe stand-in']
  return new Error(`Port ${error.port} is in use, and ${users[error.port - port]} needs it: the sandbox takes PORT (${port}) for the service, ` +
    `${port + 1} for the Affitor stand-in and ${port + 2} for the Stripe stand-in. Stop what listens there, or set PORT to the first of three free ports.`,
  { cause: error })
}
