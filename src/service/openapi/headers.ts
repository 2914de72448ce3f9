import type { OpenAPIV3_1 } from 'openapi-types'

type Header = OpenAPIV3_1.HeaderObject

const whole = (description: string, example: number): Header => ({ description, example, schema: { type: 'integer', minimum: 0 } })
const words = (description: string, example: string): Header => ({ description, example, schema: { type: 'string' } })

/** The headers that more than one answer has, by their names. */
export const headers: Record<string, Header> = {
  'X-Request-Id': words('Names the request in the log: that of the caller\'s own `X-Request-Id`, or a new one.', '7f1c9a52-2f0e-4a57-9a4e-0c8f7b0b6f0e'),
  'Retry-After': whole('Seconds to wait before the next try.', 5),
  'WWW-Authenticate': words('How to authenticate (RFC 6750).', 'Bearer realm="fastify-affitor"'),
  ETag: words('Names this content, for `If-None-Match`.', '"2jmj7l5rSw0yVb/vlWAYkK/YBwk="'),
  'X-Truncated': words('Whether there are more rows than the file has: `true` or `false`.', 'false'),
  'X-RateLimit-Limit': whole('Requests that a minute may have.', 20),
  'X-RateLimit-Remaining': whole('Requests that are left of this minute.', 19),
  'X-RateLimit-Reset': whole('Seconds until the next minute begins.', 60),
  'RateLimit-Policy': words('The limit as the draft of the IETF has it (draft-ietf-httpapi-ratelimit-headers): `q` requests in `w` seconds.', '"requests";q=20;w=60'),
  RateLimit: words('What is left of it, likewise: `r` requests in the next `t` seconds.', '"requests";r=19;t=60')
}

const RATE_LIMITS = Object.keys(headers).filter(name => /RateLimit/.test(name))

/**
 * References to the headers that an answer has.
 * @param limited whether the operation counts its callers' requests
 * @param file whether it answers with a file, which has an end
 * @param conditional whether the answer can be asked for with `If-None-Match`
 */
export function headersOf (status: number, { limited, conditional, file }: Record<'limited' | 'conditional' | 'file', boolean>): Record<string, OpenAPIV3_1.ReferenceObject> {
  const names = [
    'X-Request-Id',
    ...status === 401 ? ['WWW-Authenticate'] : [],
    ...status === 429 || status === 503 ? ['Retry-After'] : [],
    ...conditional && (status === 200 || status === 304) ? ['ETag'] : [],
    ...file && status === 200 ? ['X-Truncated'] : [],
    ...limited && (status === 429 || status < 300) ? RATE_LIMITS : []
  ]
  return Object.fromEntries(names.map(name => [name, { $ref: `#/components/headers/${name}` }]))
}
