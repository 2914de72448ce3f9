import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set when the process is about to end: readiness says so, and connections are closed after their answer. */
    drain: { active: boolean }
  }
}

/** The time between the signal to stop and the stop, in which load balancers learn to send their requests elsewhere. */
export default fp(async app => {
  const drain = { active: false }
  app.decorate('drain', drain)
  app.addHook('onSend', async (_request, reply) => {
    if (drain.active) reply.header('connection', 'close')
  })
}, { name: 'drain' })
