import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fp from 'fastify-plugin'
import * as contract from '../../schemas/index.js'

export interface OpenapiPluginOptions {
  version: string
  publicUrl: string
}

/** The document, generated from the routes' schemas, and Swagger UI. Registered before the routes. */
export default fp<OpenapiPluginOptions>(async (app, { version, publicUrl }) => {
  for (const schema of Object.values(contract)) app.addSchema(schema)

  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'fastify-affitor',
        version,
        description: 'Affiliate attribution behind a SaaS backend: signup, Stripe Checkout and webhooks, and what Affitor was told.',
        license: { name: 'MIT', identifier: 'MIT' }
      },
      servers: [{ url: new URL(publicUrl).pathname, description: 'This service.' }],
      tags: [
        { name: 'users', description: 'Sign up and log in.' },
        { name: 'checkout', description: 'Buy through Stripe Checkout.' },
        { name: 'webhooks', description: 'Called by Stripe.' },
        { name: 'tracking', description: 'For the operator: what Affitor was told, and why.' },
        { name: 'health', description: 'For load balancers and monitors.' }
      ],
      components: {
        securitySchemes: {
          userToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The `accessToken` of signup or login.' },
          sessionCookie: { type: 'apiKey', in: 'cookie', name: 'session', description: 'The same token, set as an HttpOnly cookie.' },
          operatorToken: { type: 'http', scheme: 'bearer', description: 'The configured `ADMIN_TOKEN`.' },
          stripeSignature: { type: 'apiKey', in: 'header', name: 'Stripe-Signature', description: 'Stripe\'s signature of the body.' }
        }
      }
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, i) => String(json.$id ?? `def-${i}`) }
  })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { persistAuthorization: true, tryItOutEnabled: true } })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}, { name: 'openapi' })
