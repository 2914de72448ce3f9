import { Type } from '@sinclair/typebox'
import type { SchemaOptions, Static, TObject, TSchema } from '@sinclair/typebox'

/**
 * A reference to a named schema. It becomes `$ref: '#/components/schemas/NAME'` in the document,
 * and keeps the static type, which `Type.Ref` by name alone would lose.
 * @throws {Error} if the schema has no `$id`
 */
export function ref<T extends TSchema> (schema: T) {
  if (schema.$id === undefined) throw new Error('Only a schema with an $id can be referenced')
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` })
}

/** What no text of PostgreSQL can have: NUL, and half of a surrogate pair, which UTF-8 cannot carry. */
const UNSTORABLE = '\\u0000\\ud800-\\udfff'
const unstorable = new RegExp(`[${UNSTORABLE}]`, 'u')

/**
 * Pattern of the texts that are storable. It says the same with and without the flag `u`, which not every client sets:
 * without it an emoji is two characters, the second alternative.
 */
export const STORABLE_TEXT = `^(?:[^${UNSTORABLE}]|[\\ud800-\\udbff][\\udc00-\\udfff])*$`

/** Whether PostgreSQL can store a text as it is, in `text` and in `jsonb`. */
export function isStorable (text: string): boolean {
  return !unstorable.test(text)
}

export const Email = Type.String({
  format: 'email',
  maxLength: 254,
  pattern: STORABLE_TEXT,
  description: 'E-mail address. Upper and lower case are the same address.',
  examples: ['ada@example.com']
})

export const Password = Type.String({
  minLength: 8,
  maxLength: 128,
  pattern: STORABLE_TEXT,
  description: 'Password, 8 to 128 characters; none of those that many people have.',
  examples: ['correct horse battery']
})

/** Longest click id that is taken; Affitor's own are about 25 characters. */
export const CLICK_ID_MAX_LENGTH = 255

export const ClickId = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: CLICK_ID_MAX_LENGTH,
  pattern: STORABLE_TEXT,
  description: 'What `window.affitor.getClickId()` returned. Null, empty or absent: the visitor came without a partner, ' +
    'or the `affitor_click_id` cookie tells.',
  examples: ['cust_42_1714000000000']
})

export const UserId = Type.String({
  description: 'The user\'s id. Affitor and Stripe know it as the customer key.',
  examples: ['0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11']
})

export const CustomerKey = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: STORABLE_TEXT,
  description: 'Customer key: the user\'s id, as Affitor and Stripe know it.',
  examples: ['0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11']
})

export const Timestamp = Type.String({
  format: 'date-time',
  description: 'Time, ISO 8601 in UTC.',
  examples: ['2026-11-01T12:00:00.000Z']
})

export const IdempotencyKey = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: STORABLE_TEXT,
  description: 'Made up by the caller, such as a UUID.',
  examples: ['4f8c1f8e-buy-pro']
})

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 200,
  default: 50,
  description: 'How many rows to return.'
})

export const Cursor = Type.String({
  maxLength: 40,
  // A bigint of PostgreSQL has 19 digits, but not all numbers of 19 digits are one.
  pattern: '^[0-9]{1,18}$',
  description: '`nextCursor` of the page before.',
  examples: ['1024']
})

export const NextCursor = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  description: 'Cursor of the next page; null on the last one.',
  // The first is that of whole pages: a client that reads on until the last one would never end on a mock of this API.
  examples: [null, '1024']
})

/** One of several texts. `Type.Union` of literals would be a list of one-valued types in the document. */
export function oneOf<const V extends readonly string[]> (values: V, options: SchemaOptions = {}) {
  return Type.Unsafe<V[number]>({ type: 'string', enum: [...values], ...options })
}

/**
 * One of several named objects, which one property tells apart: each of them has it with a value of its own.
 * Clients narrow by it, and the answer is written by it (src/http/serialization.ts).
 */
export function variants<S extends TObject[]> (property: string, schemas: [...S], options: SchemaOptions) {
  return Type.Unsafe<Static<S[number]>>({
    oneOf: schemas.map(schema => ref(schema)),
    discriminator: {
      propertyName: property,
      mapping: Object.fromEntries(schemas.map(({ $id, properties }) => [properties[property]?.const, `#/components/schemas/${$id}`]))
    },
    ...options
  })
}

/** The same schema with another description. */
export function described<T extends TSchema> (schema: T, description: string): T {
  return { ...schema, description }
}

export function nullable<T extends TSchema> (schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] })
}
