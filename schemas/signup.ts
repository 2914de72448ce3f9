import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { ClickId, described, Email, IdempotencyKey, Password, UserId } from './common.js'

export const SignupRequest = Type.Object({
  email: Email,
  password: Password,
  affitorClickId: Type.Optional(ClickId)
}, {
  $id: 'SignupRequest',
  title: 'Signup request',
  description: 'A new user, and the click that brought them if there was one.',
  additionalProperties: false
})
export type SignupRequest = Static<typeof SignupRequest>

export const SignupHeaders = Type.Object({
  'idempotency-key': Type.Optional(described(IdempotencyKey, 'Send the same key again when you repeat a request whose answer was lost: for 24 hours ' +
    'it is answered as before, with a new token.'))
})

export const Authentication = Type.Object({
  userId: UserId,
  accessToken: Type.String({
    description: 'Send it as `Authorization: Bearer <accessToken>`. Valid for 12 hours. Browsers get it as an HttpOnly cookie too.',
    examples: ['eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIwYjBlM2YwZSJ9.c2lnbmF0dXJl']
  })
}, {
  $id: 'Authentication',
  title: 'Authentication',
  description: 'Who the user is, and the token that proves it.',
  additionalProperties: false
})
export type Authentication = Static<typeof Authentication>
