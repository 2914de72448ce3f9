import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyError, FastifyInstance, FastifyLoggerOptions } from 'fastify'
import type { StandInLinks } from '../pages/frame.js'
import { errorBody } from './answers.js'
import { BehaviourControl } from './behaviour.js'
import { CallLog } from './calls.js'
import { controlPage } from './pages/control.js'
import { readRecords, recordsWriter } from './persistence.js'
import { defineProgram } from './program.js'
import type { ProgramOptions } from './program.js'
import { agentRoutes } from './routes/agent.js'
import { controlRoutes } from './routes/control.js'
import { AffitorState } from './state.js'
import { browserRoutes, serverRoutes } from './tracking.js'
import type { SandboxContext } from './context.js'

export type { Behaviour } from './behaviour.js'
export { BehaviourControl } from './behaviour.js'
export type { TrackingCall, TrackingEndpoint } from './calls.js'
export type { Partner, ProgramOptions } from './program.js'
export type { Chain, Click, Commission, Customer, Lead, Refund, Sale, TestEvent } from './records.js'
export { AffitorState } from './state.js'

export interface AffitorSandboxOptions extends ProgramOptions {
  /** Where the records are kept over a restart. Absent: in memory only. Calls and behaviour are never kept. */
  stateFile?: string
  /** Default: no log. A logger, or Fastify's options for making one. */
  logger?: boolean | FastifyLoggerOptions | FastifyBaseLogger
  /** Where its page leads to; asked at each view. */
  links?: () => StandInLinks
}

export interface AffitorSandbox extends FastifyInstance {
  affitorState: AffitorState
  affitorBehaviour: BehaviourControl
}

/**
 * Builds a local stand-in for Affitor's API: the tracking endpoints with Affitor's validation, answers
 * and error texts, the two verification endpoints, the tracker script, and a control surface under
 * `/_sandbox`. It does not listen: call `listen` on a loopback address, since the control surface has
 * no authentication.
 *
 * @throws TypeError for a wrong option
 * @throws Error for a state file that cannot be used
 */
export async function buildAffitorSandbox (options: AffitorSandboxOptions): Promise<AffitorSandbox> {
  const program = defineProgram(options)
  const { stateFile } = options
  const records = stateFile === undefined ? undefined : await readRecords(stateFile, program.id)
  const state = new AffitorState(new CallLog(), records)
  const writer = recordsWriter(stateFile, program.id, state.records)
  const behaviours = new BehaviourControl()
  const context: SandboxContext = { program, state, behaviours, save: async () => await writer.save() }

  const app: FastifyInstance = Fastify({
    ...loggerOptions(options.logger),
    // A call that is being delayed must not hold up the end of a test.
    forceCloseConnections: true,
    // A misspelt behaviour has to be refused. Fastify's defaults would drop it.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } }
  })
  app.decorate('affitorState', state)
  app.decorate('affitorBehaviour', behaviours)
  app.addHook('preClose', async () => behaviours.close())
  app.addHook('onClose', async () => await writer.idle())
  app.setNotFoundHandler(async (request, reply) => await reply.code(404).send(errorBody(404, `Route ${request.method} ${request.url} not found`)))
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    const { message, statusCode = 500 } = error
    if (statusCode >= 500) request.log.error(error)
    return await reply.code(statusCode).send(request.url.startsWith('/_sandbox/') ? { error: message } : errorBody(statusCode, message))
  })

  await app.register(browserRoutes, context)
  await app.register(serverRoutes, context)
  await app.register(agentRoutes, context)
  await app.register(controlRoutes, context)
  await app.register(controlPage, { links: options.links ?? (() => ({})) })
  return app as AffitorSandbox
}

function loggerOptions (logger: AffitorSandboxOptions['logger']): { loggerInstance: FastifyBaseLogger } | { logger: boolean | FastifyLoggerOptions } {
  if (typeof logger !== 'object') return { logger: logger ?? false }
  return isLogger(logger) ? { loggerInstance: logger } : { logger }
}

function isLogger (logger: FastifyLoggerOptions | FastifyBaseLogger): logger is FastifyBaseLogger {
  return 'info' in logger && typeof logger.info === 'function'
}
