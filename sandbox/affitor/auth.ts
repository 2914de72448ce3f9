import { INVALID_TOKEN } from './answers.js'

export type Authentication = { ok: true } | { ok: false, error: string }

/**
 * Checks a Bearer header. Affitor documents three cases of 401: a header that is missing or does not
 * start with `Bearer `, an empty token, and an unknown token; it gives the text of the last only.
 * https://docs.affitor.com/docs/api-reference/errors
 */
export function authenticate (header: string | undefined, apiKey: string): Authentication {
  const match = /^Bearer(?: +(.*))?$/.exec(header ?? '')
  if (match === null) return { ok: false, error: 'Missing or malformed Authorization header' }
  const token = match[1]?.trim() ?? ''
  if (token === '') return { ok: false, error: 'API token is empty' }
  return token === apiKey ? { ok: true } : { ok: false, error: INVALID_TOKEN }
}
