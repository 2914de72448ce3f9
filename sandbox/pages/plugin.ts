import fastifyStatic from '@fastify/static'
import fp from 'fastify-plugin'
import { packageFile } from '../../src/package-file.js'
import assets from '../../src/pages/assets.js'
import { pageSecurity } from '../../src/pages/layout.js'
import { secludedHeaders } from '../../src/pages/security-headers.js'

/** Has the routes beside it serve pages of a stand-in: with their assets, and the headers that keep a page to itself. */
export default fp(async app => {
  const headers = secludedHeaders(pageSecurity('/assets'))
  app.addHook('onRequest', async (_request, reply) => { reply.headers(headers) })
  await app.register(assets, { path: '/assets' })
  await app.register(fastifyStatic, { root: packageFile('sandbox/pages/public'), prefix: '/assets/sandbox/', decorateReply: false })
}, { name: 'stand-in-pages' })
