import { readFile } from 'node:fs/promises'
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { openapi30 } from '../../src/service/openapi/openapi-3-0.js'
import { startService } from '../helpers/service.js'

const document = JSON.parse(await readFile('openapi.json', 'utf8')) as OpenAPIV3_1.Document

/** A schema as 3.0 has it. */
function rendered (schema: object): object | undefined {
  return openapi30({ components: { schemas: { It: schema } } }).components?.schemas?.It
}

t.test('what only 3.1 has becomes what 3.0 has for it', async t => {
  const cases: Array<[string, object, object]> = [
    ['null as a type', { type: ['string', 'null'], maxLength: 5 }, { type: 'string', nullable: true, maxLength: 5 }],
    ['one value', { const: 'event' }, { enum: ['event'] }],
    ['a list of examples', { type: 'string', examples: ['a', 'b'] }, { type: 'string', example: 'a' }],
    ['an example that is false', { type: 'boolean', examples: [false] }, { type: 'boolean', example: false }],
    ['an exclusive bound', { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9 }, { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true }],
    ['words beside a reference', { $ref: '#/components/schemas/Other', description: 'Mine.' }, { allOf: [{ $ref: '#/components/schemas/Other' }], description: 'Mine.' }],
    ['schemas within', {
      type: 'object', properties: { const: { type: ['integer', 'null'] }, list: { type: 'array', items: { const: 1 } } }, additionalProperties: { const: 2 }
    }, {
      type: 'object', properties: { const: { type: 'integer', nullable: true }, list: { type: 'array', items: { enum: [1] } } }, additionalProperties: { enum: [2] }
    }]
  ]
  for (const [name, from, to] of cases) t.same(rendered(from), to, name)
})

t.test('what 3.0 has no word for is no silent loss', async t => {
  t.throws(() => rendered({ type: 'array', prefixItems: [] }), { message: 'OpenAPI 3.0 has no "prefixItems" in schemas' })
  t.throws(() => rendered({ type: ['string', 'integer'] }), { message: 'OpenAPI 3.0 has one type a schema, not string, integer' })
})

t.test('the service\'s document is served as 3.0, with all its operations and schemas', async t => {
  const service = await startService(t)
  const { status, body } = await service.request<OpenAPIV3.Document>('GET', '/openapi-3.0.json')
  t.equal(status, 200)
  t.equal(body.openapi, '3.0.3')
  t.same(Object.keys(body.paths), Object.keys(document.paths ?? {}))
  t.same(Object.keys(body.components?.schemas ?? {}), Object.keys(document.components?.schemas ?? {}))
  t.same(body.info.license, { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' })
  t.match(body.components?.schemas?.SignupRequest, { properties: { affitorClickId: { type: 'string', nullable: true, example: String } } })
  t.notOk('webhooks' in body)
  t.notMatch(JSON.stringify(body), /"type":\[|"const":/)
  // An example is what somebody sends, whatever its keys are called.
  t.same(body.paths['/api/signup']?.post?.requestBody, JSON.parse(JSON.stringify(document.paths?.['/api/signup']?.post?.requestBody)))
})
