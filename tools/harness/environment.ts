/** What a process of the service is told of its surroundings. */
export interface Surroundings {
  databaseUrl: string
  affitor: { url: string, apiKey: string, programId: string }
  stripe: { url: string, secretKey: string, webhookSecret: string }
}

/** At this address nobody ever answers. */
export const NOWHERE = 'http://127.0.0.1:9'

export const SESSION_SECRET = 'test-session-secret-0123456789-abcdef'
export const ADMIN_TOKEN = 'test-admin-token-0123456789'
export const API_TOKEN = 'test-api-token-0123456789'

/** What files a service is started from; TypeScript, and compiled. */
export const ENTRIES = { server: 'src/service/server', worker: 'src/service/worker', start: 'sandbox/start' } as const

/**
 * The variables of a service that is tried out: what they all have in common.
 * @param sandboxed as in sandbox mode, without accounts: its calls to Affitor are no tests, and earn commissions
 */
export function serviceEnvironment ({ databaseUrl, affitor, stripe }: Surroundings, sandboxed = false): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '10',
    AFFITOR_API_URL: affitor.url,
    STRIPE_API_URL: stripe.url,
    ...(!sandboxed && {
      AFFITOR_API_KEY: affitor.apiKey,
      AFFITOR_PROGRAM_ID: affitor.programId,
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      SESSION_SECRET,
      ADMIN_TOKEN,
      API_TOKEN
    }),
    // All callers have one address here.
    RATE_LIMIT_PER_MINUTE: '0',
    // A machine that is busy with everything at once is not what the shedding is for.
    MAX_EVENT_LOOP_DELAY_MS: '0'
  }
}
