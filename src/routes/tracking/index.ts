import type { FastifyPluginAsync } from 'fastify'
import customers from './customers.js'
import events from './events.js'
import stripeEvents from './stripe-events.js'
import summary from './summary.js'

/** The operator's routes, below `/api/tracking`. */
const trackingRoutes: FastifyPluginAsync = async app => {
  app.addHook('onRequest', app.requireOperator)
  await app.register(events)
  await app.register(stripeEvents)
  await app.register(customers)
  await app.register(summary)
}

export default trackingRoutes
