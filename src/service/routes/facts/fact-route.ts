import { BODY_ERRORS } from '../../../../schemas/error.js'

/** What the schemas of the routes for other backends have in common. */
export const factRoute = { tags: ['facts'], security: [{ apiToken: [] }] }

export const FACT_ERRORS = ['BACKEND_ONLY', 'FORBIDDEN', 'CROSS_ORIGIN', ...BODY_ERRORS, 'RATE_LIMITED'] as const
