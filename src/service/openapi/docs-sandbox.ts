import { WEBHOOK_PATH } from '../../stripe/webhook-endpoint.js'
import { SANDBOX_MARK } from '../config.js'
import type { Config } from '../config.js'
import type { DocsSandbox } from './sandbox-document.js'

/** What a sandbox's page may tell. A token that somebody has set is not made up, and stays theirs. */
export function docsSandbox (config: Config): DocsSandbox {
  const madeUp = (token: string | undefined) => token?.startsWith(`${SANDBOX_MARK}-`) === true ? token : undefined
  return {
    operatorToken: madeUp(config.ADMIN_TOKEN[0]),
    apiToken: madeUp(config.API_TOKEN[0]),
    webhookPath: WEBHOOK_PATH,
    webhookSecret: config.STRIPE_WEBHOOK_SECRET[0] ?? '',
    stripeUrl: config.STRIPE_API_URL,
    affitorUrl: config.AFFITOR_API_URL
  }
}
