import type pg from 'pg'
import type Stripe from 'stripe'
import { programStatusReader } from '../affitor/program-status.js'
import { databaseOn } from '../db/pool.js'
import { affitorChecks } from './affitor.js'
import { attributionChecks, signsOf } from './attribution.js'
import type { Check } from './check.js'
import { databaseChecks } from './database.js'
import { pageChecks } from './page.js'
import { stripeChecks } from './stripe.js'
import { webhookChecks } from './webhook.js'

export { runChecks } from './check.js'
export { findChromium } from './chromium.js'
export type { Check, CheckResult } from './check.js'

/** What is checked. What is undefined is not known, and skips what needs it. */
export interface Installation {
  database: {
    pool: pg.Pool | undefined
    /** Whether workers have a connection to PostgreSQL itself, beside a pooler's. */
    direct: boolean
  }
  stripe: {
    client: Stripe | undefined
    /** For its kind and mode alone, which a client does not tell. */
    secretKey: string | undefined
    /** The mode that is meant. */
    livemode: boolean
    webhookUrl: string | undefined
    webhookSecrets: string[]
    /** Those whose payments count too. */
    connectedAccounts: readonly string[]
  }
  affitor: { apiKey: string | undefined, apiUrl: string, programId: string | undefined }
}

/** What more is tried on request, as it takes long, or is limited. */
export interface Trials {
  /** Address of a page with the tracker. */
  page: string | undefined
  /** Path of Chromium; without it the page's HTML is read. */
  chromium: string | undefined
  /** Let Affitor send its own synthetic click, lead and sale, which it does 10 times an hour. */
  chain: boolean
}

/** All questions about an installation, in the order in which they are answered to a person. */
export function installationChecks ({ database, stripe, affitor }: Installation, trials?: Trials): Check[] {
  const { pool } = database
  const { apiKey, apiUrl, programId } = affitor
  const readProgram = apiKey === undefined ? undefined : programStatusReader({ apiKey, apiUrl, programId: programId ?? '' })
  return [
    ...databaseChecks(database),
    ...stripeChecks({ ...stripe, stripe: stripe.client }),
    ...webhookChecks({ url: stripe.webhookUrl, secrets: stripe.webhookSecrets }),
    ...affitorChecks({ ...affitor, chain: trials?.chain ?? false }).filter(({ name }) => trials !== undefined || name !== 'affitor-chain'),
    ...(trials === undefined ? [] : pageChecks({ url: trials.page, programId, affitorUrl: apiUrl, chromium: trials.chromium })),
    ...attributionChecks({
      readSigns: pool && signsOf(databaseOn(pool)),
      readClicks: async () => await readProgram?.().then(({ clicks24h }) => clicks24h, () => null) ?? null
    })
  ]
}
