import etag from '@fastify/etag'
import type { FastifyPluginAsync } from 'fastify'
import attention from './attention.js'
import checks from './checks.js'
import type { ChecksRouteOptions } from './checks.js'
import csv from './csv.js'
import customers from './customers.js'
import events from './events.js'
import personalData from './personal-data.js'
import type { PersonalDataRouteOptions } from './personal-data.js'
import program from './program.js'
import type { ProgramRouteOptions } from './program.js'
import reports from './reports.js'
import type { ReportRouteOptions } from './reports.js'
import search from './search.js'
import type { SearchRouteOptions } from './search.js'
import stripeEvents from './stripe-events.js'
import summary from './summary.js'
import type { SummaryRouteOptions } from './summary.js'

export type TrackingRouteOptions = ChecksRouteOptions & PersonalDataRouteOptions & ProgramRouteOptions & ReportRouteOptions & SearchRouteOptions & SummaryRouteOptions

/** The operator's routes. Whoever mounts them has set a hook that lets only operators pass. */
const trackingRoutes: FastifyPluginAsync<TrackingRouteOptions> = async (app, options) => {
  const { readChecks, readProgramStatus, commissionPercent, paymentOfCharge, dashboards, forgetCustomer, exportCustomer, ...context } = options
  // Who the customers are stays in no cache; the reports name nobody, and pages ask for them again and again.
  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
  await app.register(search, { ...context, paymentOfCharge })
  await app.register(attention, context)
  await app.register(events, context)
  await app.register(csv, context)
  await app.register(stripeEvents, context)
  await app.register(customers, context)
  await app.register(personalData, { ...context, forgetCustomer, exportCustomer })
  await app.register(async polled => {
    await polled.register(etag)
    polled.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'private, no-cache') })
    await polled.register(summary, { ...context, dashboards })
    await polled.register(reports, { ...context, commissionPercent })
    await polled.register(checks, { ...context, readChecks })
    await polled.register(program, { ...context, readProgramStatus })
  })
}

export default trackingRoutes
