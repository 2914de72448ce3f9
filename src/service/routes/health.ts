import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { Liveness, Readiness } from '../../../schemas/health.js'
import { ApiError } from '../../errors.js'
import { deliveryStatus } from '../../ledger/pauses.js'
import { quietLevel } from './quiet.js'

const PAUSED = 'Affitor refuses the API key. GET /api/tracking/summary tells the operator what it says.'

export const livenessSchema = {
  operationId: 'getLiveness',
  tags: ['health'],
  summary: 'Is the process alive?',
  description: 'Answers as long as the process does.',
  response: { 200: ref(Liveness), ...errorResponses() }
} satisfies FastifySchema

export const readinessSchema = {
  operationId: 'getReadiness',
  tags: ['health'],
  summary: 'Can it serve?',
  description: '503 while the database is away, and from the signal to stop on.',
  response: { 200: ref(Readiness), ...errorResponses() }
} satisfies FastifySchema

const healthRoutes: FastifyPluginAsyncTypebox = async app => {
  const logLevel = quietLevel(app)

  app.get('/health/live', {
    logLevel,
    // A restart would not help an overloaded process.
    config: { servedUnderPressure: true },
    schema: livenessSchema
  }, async () => ({ status: 'ok' as const }))

  app.get('/health/ready', {
    logLevel,
    schema: readinessSchema
  }, async () => {
    if (app.isDraining) throw new ApiError('SHUTTING_DOWN')
    const delivery = await deliveryStatus(app.db)
    // Anybody may ask: Affitor's words are for the operator.
    return { status: 'ok' as const, delivery: { ...delivery, reason: delivery.state === 'paused' ? PAUSED : null } }
  })
}

export default healthRoutes
