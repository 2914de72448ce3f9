import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { Email, STORABLE_TEXT } from './common.js'

export const LoginRequest = Type.Object({
  email: Email,
  password: Type.String({ minLength: 1, maxLength: 128, pattern: STORABLE_TEXT, description: 'The password given at signup.', examples: ['correct horse battery'] })
}, {
  $id: 'LoginRequest',
  title: 'Login request',
  description: 'The credentials of an existing user.',
  additionalProperties: false
})
export type LoginRequest = Static<typeof LoginRequest>
