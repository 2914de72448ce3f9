import type { FastifyInstance } from 'fastify'
import { StripeSandboxError } from '../errors.js'

/** A refusal of the control surface. */
export class ControlError extends Error {
  readonly statusCode: number
  readonly code: string

  constructor (statusCode: number, code: string, message: string) {
    super(message)
    this.name = 'ControlError'
    this.statusCode = statusCode
    this.code = code
  }
}

/** A 404 for an object that the sandbox does not have. */
export function notFound (resource: string, id: string): ControlError {
  return new ControlError(404, 'NOT_FOUND', `The sandbox has no ${resource} '${id}'.`)
}

/** A 409 for an action that the object's state does not allow. */
export function conflict (code: string, message: string): ControlError {
  return new ControlError(409, code, message)
}

const NAMES: Record<number, string> = { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict' }

/** Answers every refusal of the control surface as `{ statusCode, code, error, message }`. */
export function setUpControlErrors (app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, code, message } = describe(error)
    if (statusCode >= 500) request.log.error({ err: error }, 'stripe sandbox: control request failed')
    return reply.code(statusCode).send({ statusCode, code, error: NAMES[statusCode] ?? 'Error', message })
  })
  app.setNotFoundHandler((request, reply) => reply.code(404).send({
    statusCode: 404, code: 'NOT_FOUND', error: 'Not Found', message: `The sandbox has no control route ${request.method} ${request.url}.`
  }))
}

function describe (error: unknown): { statusCode: number, code: string, message: string } {
  if (error instanceof StripeSandboxError) {
    return { statusCode: error.statusCode, code: error.body.code ?? error.body.type, message: error.message }
  }
  if (!(error instanceof Error)) return { statusCode: 500, code: 'INTERNAL', message: 'The sandbox failed; its log has the details.' }
  const { statusCode, code } = error as Error & { statusCode?: unknown, code?: unknown }
  if (typeof statusCode !== 'number' || statusCode >= 500) {
    return { statusCode: 500, code: 'INTERNAL', message: `The sandbox failed: ${error.message}` }
  }
  return { statusCode, code: typeof code === 'string' ? code : 'BAD_REQUEST', message: error.message }
}
