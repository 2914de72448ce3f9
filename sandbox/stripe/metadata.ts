import type Stripe from 'stripe'
import { invalidRequest } from './errors.js'
import { nested, readObject } from './params.js'
import type { Form } from './params.js'

// The limits of docs.stripe.com/api/metadata.
const MAX_KEYS = 50
const MAX_KEY_LENGTH = 40
const MAX_VALUE_LENGTH = 500

/** Reads `metadata`; an absent one is empty. Empty values unset a key, so they leave nothing behind. */
export function readMetadata (form: Form, parent = ''): Stripe.Metadata {
  if (form.metadata === undefined || form.metadata === '') return {}
  const given = readObject(form, 'metadata', parent) ?? {}
  const param = nested(parent, 'metadata')
  const metadata: Stripe.Metadata = {}
  const keys = Object.keys(given)
  if (keys.length > MAX_KEYS) {
    throw invalidRequest(`You can only have up to ${MAX_KEYS} metadata keys, but you passed in ${keys.length} keys.`, param)
  }
  for (const key of keys) {
    const value = given[key]
    if (typeof value !== 'string') {
      throw invalidRequest('Metadata values must be strings, but for key "' + key + '" you passed in an object or a list', nested(param, key))
    }
    if (key.length > MAX_KEY_LENGTH) {
      throw invalidRequest(
        `Metadata keys can have up to ${MAX_KEY_LENGTH} characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`,
        nested(param, key)
      )
    }
    if (value.length > MAX_VALUE_LENGTH) {
      throw invalidRequest(
        `Metadata values can have up to ${MAX_VALUE_LENGTH} characters, but you passed in a value that is ${value.length} characters. Invalid value: ${value}`,
        nested(param, key)
      )
    }
    if (value !== '') metadata[key] = value
  }
  return metadata
}

/** What an update makes of `metadata`: keys are added and replaced, an empty value unsets its key, and an empty `metadata` all of them. */
export function mergeMetadata (present: Stripe.Metadata, form: Form): Stripe.Metadata {
  if (form.metadata === '') return {}
  const given = readMetadata(form)
  const named = new Set(Object.keys(readObject(form, 'metadata') ?? {}))
  return { ...Object.fromEntries(Object.entries(present).filter(([key]) => !named.has(key))), ...given }
}
