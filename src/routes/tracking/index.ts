import type { FastifyPluginAsync } from 'fastify'
import customers from './customers.js'
import events from './events.js'
import program from './program.js'
import type { ProgramRouteOptions } from './program.js'
import reports from './reports.js'
import type { ReportRouteOptions } from './reports.js'
import stripeEvents from './stripe-events.js'
import summary from './summary.js'

export type TrackingRouteOptions = ProgramRouteOptions & ReportRouteOptions

/** The operator's routes, below `/api/tracking`. */
const trackingRoutes: FastifyPluginAsync<TrackingRouteOptions> = async (app, { readProgramStatus, commissionPercent }) => {
  app.addHook('onRequest', app.requireOperator)
  await app.register(events)
  await app.register(stripeEvents)
  await app.register(customers)
  await app.register(summary)
  await app.register(reports, { commissionPercent })
  await app.register(program, { readProgramStatus })
}

export default trackingRoutes
