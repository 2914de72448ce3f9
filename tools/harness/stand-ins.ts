import { loadWithoutDatabase } from '../../sandbox/with-database.js'

export * from '../../sandbox/stand-ins.js'

/** The secrets of sandbox mode: what the stand-ins and the processes agree on without any account. */
export function sandboxSecrets (): { affitor: { apiKey: string, programId: string }, stripe: { secretKey: string, webhookSecret: string } } {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, AFFITOR_API_KEY, AFFITOR_PROGRAM_ID } = loadWithoutDatabase({})
  return {
    affitor: { apiKey: AFFITOR_API_KEY, programId: AFFITOR_PROGRAM_ID },
    stripe: { secretKey: STRIPE_SECRET_KEY, webhookSecret: STRIPE_WEBHOOK_SECRET[0] ?? '' }
  }
}
