import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { ProgramStatus } from '../../../schemas/reports.js'
import type { RouteContext } from '../context.js'
import { NOT_MODIFIED, operatorRoute, READ_ERRORS } from './operator-route.js'

export interface ProgramRouteOptions extends RouteContext {
  readProgramStatus: () => Promise<ProgramStatus>
}

export const programSchema = {
  ...operatorRoute,
  operationId: 'getProgramStatus',
  summary: 'Ask Affitor how the program stands',
  description: 'What Affitor says of the configured program, at most half a minute old. 503 while Affitor cannot be asked.',
  response: { 200: ref(ProgramStatus), ...NOT_MODIFIED, ...errorResponses(...READ_ERRORS, 'AFFITOR_UNAVAILABLE') }
} satisfies FastifySchema

const programRoute: FastifyPluginAsyncTypebox<ProgramRouteOptions> = async (app, { document, readProgramStatus }) => {
  app.get('/program', { schema: document(programSchema) }, async () => await readProgramStatus())
}

export default programRoute
