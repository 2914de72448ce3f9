import fp from 'fastify-plugin'
import { errorResponse } from '../../errors.js'
import { answerError } from '../../http/answer-error.js'

/** Errors, and what no route is there for, are answered in one shape. */
export default fp(async app => {
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => reply.code(404)
    .send(errorResponse('NOT_FOUND', `There is no ${request.method} ${request.url.split('?')[0]}. See /docs.`)))
}, { name: 'error-handler' })
