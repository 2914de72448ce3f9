import type { FastifyInstance } from 'fastify'

/** Levels that say less than `warn`. */
const QUIETER = ['error', 'fatal', 'silent'] as const

/** Of routes that monitors ask every few seconds: their requests are not worth a line. */
export function quietLevel (app: FastifyInstance) {
  return QUIETER.find(level => level === app.log.level) ?? 'warn'
}
