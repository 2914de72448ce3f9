import type { OpenAPIV3_1 } from 'openapi-types'

export interface ApiDescription {
  version: string
  publicUrl: string
  /** Name of the cookie that carries the access token. */
  sessionCookie: string
}

/** What the document says beside its operations and schemas. */
export function describeApi ({ version, publicUrl, sessionCookie }: ApiDescription): Partial<OpenAPIV3_1.Document> {
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '')
  return {
    openapi: '3.1.0',
    info: {
      title: 'fastify-affitor',
      version,
      summary: 'Affiliate attribution behind a SaaS backend.',
      description: 'Signup, Stripe Checkout and webhooks; and what Affitor, the platform that pays the partner, was told of them.\n\n' +
        'Amounts are integers in the currency\'s smallest unit. Times are ISO 8601 in UTC. Every error has the shape of `ErrorResponse`; an address ' +
        'that does not take the method answers 405 with `Allow`.\n\n' +
        'Tools that stop at OpenAPI 3.0 take `/openapi-3.0.json`, which says the same but for webhooks: 3.0 has no place for them.',
      contact: { name: 'The fastify-affitor authors' },
      license: { name: 'MIT', identifier: 'MIT' }
    },
    // Relative, so that the page works under any host. Without a prefix none is named: generators put "/" before paths that
    // begin with one, and "//api" is another host.
    ...prefix !== '' && { servers: [{ url: prefix, description: 'The service that serves this document.' }] },
    tags: [
      { name: 'users', description: 'Sign up and log in.' },
      { name: 'checkout', description: 'Buy through Stripe Checkout.' },
      { name: 'facts', description: 'For other backends: report what happened, from whatever language and payment provider.' },
      { name: 'webhooks', description: 'Called by Stripe.' },
      { name: 'tracking', description: 'For the operator: what Affitor was told, and why.' },
      { name: 'alerts', description: 'Sent by this service.' },
      { name: 'health', description: 'For load balancers and monitors.' }
    ],
    components: {
      securitySchemes: {
        userToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'For a user, who signs up and buys: the `accessToken` that signup or login has answered.'
        },
        sessionCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description: 'For a user in a browser: the same token as an HttpOnly cookie. Signup and login set it, and the browser sends it along by itself.'
        },
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'For another backend, which reports leads, sales and refunds: an `API_TOKEN` that this service is configured with.'
        },
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'For the operator, who sees what Affitor was told, and deals with what needs a person: an `ADMIN_TOKEN` that this service is configured with; to look only, an `ADMIN_READ_TOKEN`.'
        }
      }
    }
  }
}
