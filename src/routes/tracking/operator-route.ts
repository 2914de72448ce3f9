import { Type } from '@sinclair/typebox'
import { BODY_ERRORS } from '../../../schemas/error.js'

/** What the schemas of the operator's routes have in common. */
export const operatorRoute = { tags: ['tracking'], security: [{ operatorToken: [] }] }

export const READ_ERRORS = ['OPERATOR_ONLY', 'FORBIDDEN'] as const
export const WRITE_ERRORS = [...READ_ERRORS, 'CROSS_ORIGIN', ...BODY_ERRORS] as const

export const UNKNOWN_CUSTOMER = 'Nothing is known of this customer key. It is the user\'s id, as signup answered it.'

/** The other answer of what pages ask for again and again. */
export const NOT_MODIFIED = { 304: Type.Null({ description: 'Nothing has changed since the answer whose `ETag` is in `If-None-Match`.' }) }
