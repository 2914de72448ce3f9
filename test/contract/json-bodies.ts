import fc from 'fast-check'
import type { Schema } from './document.js'
import { breakages, validValue } from './values.js'
import type { Values } from './values.js'

/** What is sent: a text, or bytes in base64 where a text cannot say them. */
export interface Body { text?: string, base64?: string, contentType?: string }

export interface BrokenBody { how: string, expected: number[], body: fc.Arbitrary<Body> }

const OTHER_CONTENT_TYPES = [
  'text/plain', 'text/html', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
  'application/jsonx', 'garbage', ';', 'application/', 'application/octet-stream'
]

export function bytesOf ({ text, base64 }: Body): Buffer {
  return base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64')
}

/** All ways to break a JSON body. @param limit how many bytes it may have */
export function brokenBodies ({ schema, required }: { schema: Schema, required: boolean }, values: Values, limit: number): BrokenBody[] {
  const json = (value: unknown): Body => ({ text: JSON.stringify(value), contentType: 'application/json' })
  const good = validValue(schema, values).map(value => JSON.stringify(value))
  const changed = (how: string, expected: number[], change: fc.Arbitrary<(text: string) => Body>): BrokenBody =>
    ({ how, expected, body: fc.tuple(good, change).map(([text, by]) => by(text)) })
  const texts = (...changes: Array<(text: string) => string>) => fc.constantFrom(...changes.map(change => (text: string) => ({ text: change(text), contentType: 'application/json' })))
  const bytes = (...changes: Array<(text: string) => Buffer>) => fc.constantFrom(...changes.map(change => (text: string) => ({ base64: change(text).toString('base64'), contentType: 'application/json' })))

  return [
    // To Fastify, `null` is no body.
    ...breakages(schema, values).map(({ how, value }) => ({ how, expected: [400], body: value.filter(broken => required || broken !== null).map(json) })),
    changed('bad JSON', [400], texts(
      text => text.slice(0, -1), text => `${text}}`, text => `${text}${text}`, text => text.replaceAll('"', "'"), () => '', () => '{', () => '{"email":NaN}',
      text => text.replace('{', '{"a":"\u0000",'), text => text.replace('{', '{,'), () => '['.repeat(5_000), () => 'undefined'
    )),
    changed('not UTF-8', [400], bytes(
      text => Buffer.from(text.replace('{', '{"extra":"\u00e9",'), 'latin1'), text => Buffer.from(text, 'utf16le'), text => Buffer.concat([Buffer.from(text), Buffer.from([0xff])])
    )),
    changed('a prototype key', [400], texts(
      text => text.replace('{', '{"__proto__":{"admin":true},'), text => text.replace('{', '{"\\u005f_proto__":1,'), text => text.replace('{', '{"constructor":{"prototype":{"admin":true}},')
    )),
    changed('too large', [413], texts(text => text.replace('{', `{"extra":"${'x'.repeat(limit)}",`), text => ' '.repeat(limit) + text)),
    changed('wrong content type', [415], fc.constantFrom(...OTHER_CONTENT_TYPES).map(contentType => (text: string) => ({ text, contentType }))),
    changed('no content type', [415], fc.constant((text: string) => ({ text }))),
    ...required ? [{ how: 'no body', expected: [400], body: fc.constant({}) }] : []
  ]
}
