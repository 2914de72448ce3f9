import { setTimeout as delay } from 'node:timers/promises'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Tells load balancers to send their requests elsewhere, and resolves when they have had their time. Meanwhile every
     * request is served. Comes before `close()`, which refuses requests from its first moment on.
     */
    drain (): Promise<void>
    /** Whether that has begun: readiness says so, and connections are closed after their answer. */
    readonly isDraining: boolean
  }
}

export interface DrainOptions {
  /** How long load balancers may take to notice, in milliseconds. */
  delayMs: number
}

/** The time between the signal to stop and the stop. */
export default fp<DrainOptions>(async (app, { delayMs }) => {
  let draining = false
  app.decorate('isDraining', { getter: () => draining })
  app.decorate('drain', async () => {
    draining = true
    await delay(delayMs)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (draining) reply.header('connection', 'close')
  })
}, { name: 'drain' })
