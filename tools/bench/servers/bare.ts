import { listen, server } from './receiver.js'

/** The limit of starting: Fastify that listens. */
await listen(server())
