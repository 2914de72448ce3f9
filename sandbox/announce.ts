import type { FastifyInstance } from 'fastify'

/** What a service answers at `/_sandbox` when stand-ins take the place of Affitor and Stripe. */
export interface SandboxAnnouncement {
  sandbox: true
  /** Addresses of the stand-ins. */
  affitor: string
  stripe: string
}

export const ANNOUNCEMENT_PATH = '/_sandbox'

/**
 * Lets a service say that it is a sandbox. The route is added from outside of the program: a service with real
 * accounts has no code that could answer so.
 */
export function announceSandbox (app: FastifyInstance, standIns: Omit<SandboxAnnouncement, 'sandbox'>): void {
  const announcement: SandboxAnnouncement = { sandbox: true, ...standIns }
  app.get(ANNOUNCEMENT_PATH, { schema: { hide: true } }, async () => announcement)
}
