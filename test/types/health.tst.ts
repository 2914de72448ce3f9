import { describe, expect, test } from 'tstyche'
import type { livenessSchema, readinessSchema } from '../../src/service/routes/health.js'
import type { ErrorBody } from './contract.js'
import type { AnswerOf, RequestOf, StatusOf } from './inferred.js'

describe('GET /health/live', () => {
  test('answers', () => {
    expect<RequestOf<typeof livenessSchema>['query']>().type.toBe<unknown>()
    expect<StatusOf<typeof livenessSchema>>().type.toBe<200 | 400 | 500 | 503>()
    expect<AnswerOf<typeof livenessSchema, 200>>().type.toBe<{ status: 'ok' }>()
  })
})

describe('GET /health/ready', () => {
  test('answers', () => {
    expect<RequestOf<typeof readinessSchema>['query']>().type.toBe<unknown>()
    expect<StatusOf<typeof readinessSchema>>().type.toBe<200 | 400 | 500 | 503>()
    expect<AnswerOf<typeof readinessSchema, 200>>().type.toBe<{
      status: 'ok', delivery: { state: 'running' | 'paused', reason: string | null, pausedUntil: string | null }
    }>()
    expect<AnswerOf<typeof readinessSchema, 503>>().type.toBe<ErrorBody>()
  })
})
