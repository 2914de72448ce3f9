import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { InstallationChecks } from '../../../schemas/checks.js'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import type { RouteContext } from '../context.js'
import { NOT_MODIFIED, operatorRoute, READ_ERRORS } from './operator-route.js'

export interface ChecksRouteOptions extends RouteContext {
  readChecks: () => Promise<InstallationChecks>
}

export const checksSchema = {
  ...operatorRoute,
  operationId: 'getChecks',
  summary: 'Say whether everything is connected right',
  description: 'What `npx fastify-affitor verify` checks, at most a minute old, without what takes a browser or is limited: the database and its ' +
    'workers, Stripe\'s key and endpoint, the webhook, Affitor\'s key and program, and what the facts so far show.',
  response: { 200: ref(InstallationChecks), ...NOT_MODIFIED, ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

const checksRoute: FastifyPluginAsyncTypebox<ChecksRouteOptions> = async (app, { document, readChecks }) => {
  app.get('/checks', { schema: document(checksSchema) }, async () => await readChecks())
}

export default checksRoute
