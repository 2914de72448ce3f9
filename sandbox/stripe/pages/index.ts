import type { FastifyInstance } from 'fastify'
import pages from '../../pages/plugin.js'
import { checkoutPage } from './checkout.js'
import { controlPage } from './control.js'
import type { StripePagesOptions } from './options.js'

/** What people see of the stand-in: the payment page, and at `/` the page of the control surface. */
export async function stripePages (app: FastifyInstance, options: StripePagesOptions): Promise<void> {
  await app.register(pages)
  await app.register(checkoutPage, options)
  await app.register(controlPage, options)
}
