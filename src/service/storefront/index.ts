import type { FastifyPluginAsync, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { createCatalog } from './catalog.js'
import { paymentState } from './payment-state.js'
import type { PaymentState } from './payment-state.js'
import { findUser } from '../users/users.js'
import { RATE_WINDOW_MS } from '../plugins/security.js'
import { pageSecurity } from '../../pages/layout.js'
import type { Shop } from './frame.js'
import { renderHome } from './home.js'
import { renderCancel, renderSuccess } from './outcome.js'

export interface StorefrontOptions extends Shop {
  /** Prices that may be bought; empty: any. */
  priceIds: string[]
}

/** Each view asks Stripe, for whoever makes up an id: a buyer needs a few, and Stripe limits how much we may ask. */
const rateLimitedPage = { rateLimit: { max: 30, timeWindow: RATE_WINDOW_MS } }

/** The example storefront: what a shop does with this service, from the partner's link to the page after paying. */
const storefront: FastifyPluginAsync<StorefrontOptions> = async (app, { priceIds, ...shop }) => {
  const offers = createCatalog(app.stripe, { priceIds, onError: error => app.log.warn({ err: error }, 'Stripe did not tell the prices') })
  const contentSecurityPolicy = pageSecurity(`${shop.basePath}/assets`, [new URL(shop.affitorApiUrl).origin])
  const route = { schema: { hide: true }, config: { contentSecurityPolicy } } satisfies RouteShorthandOptions

  app.get('/', route, async (request, reply) => {
    const [onSale, email] = await Promise.all([offers(), emailOfVisitor(request)])
    return sendPage(reply, renderHome(shop, { offers: onSale, email }))
  })

  app.get('/checkout/success', { ...route, config: { ...route.config, ...rateLimitedPage } }, async (request, reply) => sendPage(reply, renderSuccess(shop, await paymentOf(request))))

  app.get('/checkout/cancel', route, async (_request, reply) => sendPage(reply, renderCancel(shop)))

  async function emailOfVisitor (request: FastifyRequest): Promise<string | undefined> {
    const session = await request.jwtVerify<{ sub: string }>({ onlyCookie: true }).catch(() => undefined)
    if (session === undefined) return undefined
    try {
      return (await findUser(app.db, session.sub))?.email
    } catch (error) {
      request.log.warn({ err: error }, 'The database did not tell who a visitor is')
      return undefined
    }
  }

  async function paymentOf (request: FastifyRequest): Promise<PaymentState> {
    const { session_id: id } = request.query as { session_id?: unknown }
    if (typeof id !== 'string' || !/^cs_\w{1,250}$/.test(id)) return 'unknown'
    try {
      return await paymentState(app.stripe, id)
    } catch (error) {
      request.log.warn({ err: error }, 'Stripe did not tell what became of a payment')
      return 'unknown'
    }
  }
}

/** Pages differ from visitor to visitor, so nobody keeps them. */
function sendPage (reply: FastifyReply, page: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(page)
}

export default storefront
