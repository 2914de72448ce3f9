import type { FastifyInstance } from 'fastify'
import { currentAccount, OWN_ACCOUNT } from '../account.js'
import type { SandboxContext } from '../context.js'
import { refuseUnknown } from '../params.js'
import { get } from './api.js'

/** `/v1/account`, `/v1/balance`: as much of both as tells whose key it is, and of which mode. */
export function accountRoutes (app: FastifyInstance, context: SandboxContext): void {
  get(app, '/account', context, ({ form }) => {
    refuseUnknown(form, ['expand'])
    return {
      id: currentAccount() ?? OWN_ACCOUNT,
      object: 'account',
      charges_enabled: true,
      country: 'US',
      default_currency: 'usd',
      details_submitted: true,
      payouts_enabled: true,
      type: 'standard'
    }
  })

  get(app, '/balance', context, ({ form }) => {
    refuseUnknown(form, ['expand'])
    return { object: 'balance', available: [], livemode: false, pending: [] }
  })
}
