import { describe, expect, test } from 'tstyche'
import type { loginSchema } from '../../src/service/routes/login.js'
import type { signupSchema } from '../../src/service/routes/signup.js'
import type { ErrorBody } from './contract.js'
import type { AnswerOf, RequestOf, StatusOf } from './inferred.js'

describe('POST /api/signup', () => {
  test('request', () => {
    expect<RequestOf<typeof signupSchema>['body']>().type.toBe<{ email: string, password: string, affitorClickId?: string | null }>()
    expect<RequestOf<typeof signupSchema>['params']>().type.toBe<unknown>()
    expect<RequestOf<typeof signupSchema>['query']>().type.toBe<unknown>()
  })
  test('answers', () => {
    expect<StatusOf<typeof signupSchema>>().type.toBe<201 | 400 | 403 | 409 | 413 | 415 | 429 | 500 | 503>()
    expect<AnswerOf<typeof signupSchema, 201>>().type.toBe<{ userId: string, accessToken: string }>()
    expect<AnswerOf<typeof signupSchema, 409>>().type.toBe<ErrorBody>()
  })
})

describe('POST /api/login', () => {
  test('request', () => {
    expect<RequestOf<typeof loginSchema>['body']>().type.toBe<{ email: string, password: string }>()
    expect<RequestOf<typeof loginSchema>['params']>().type.toBe<unknown>()
    expect<RequestOf<typeof loginSchema>['query']>().type.toBe<unknown>()
  })
  test('answers', () => {
    expect<StatusOf<typeof loginSchema>>().type.toBe<200 | 400 | 401 | 403 | 413 | 415 | 429 | 500 | 503>()
    expect<AnswerOf<typeof loginSchema, 200>>().type.toBe<{ userId: string, accessToken: string }>()
    expect<AnswerOf<typeof loginSchema, 401>>().type.toBe<ErrorBody>()
  })
})
