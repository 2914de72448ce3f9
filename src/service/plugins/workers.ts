import fp from 'fastify-plugin'
import type { Workers } from '../../workers/index.js'

declare module 'fastify' {
  interface FastifyInstance {
    workers: Workers
  }
}

export interface WorkersPluginOptions {
  workers: Workers
  /** Start them with the app. */
  autostart: boolean
}

/** Runs the workers for as long as the app lives. */
export default fp<WorkersPluginOptions>(async (app, { workers, autostart }) => {
  app.decorate('workers', workers)
  if (autostart) {
    app.addHook('onReady', async () => { workers.start() })
    // Before the database closes: hooks of plugins registered later run first.
    app.addHook('onClose', async () => { await workers.stop() })
  }
}, { name: 'workers', dependencies: ['database'] })
