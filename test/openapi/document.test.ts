import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { ERRORS } from '../../schemas/error.js'
import * as exported from '../../schemas/index.js'
import { reasons } from '../../schemas/reasons.js'
import { families, paidSession, stripeEvent } from '../fixtures/index.js'

type Schema = OpenAPIV3_1.SchemaObject & { $ref?: string }

const document = JSON.parse(await readFile('openapi.json', 'utf8')) as OpenAPIV3_1.Document
const schemas = Object.entries(document.components?.schemas ?? {}) as Array<[string, Schema]>
const operations = Object.values(document.paths ?? {}).flatMap(path => Object.values(path ?? {})) as OpenAPIV3_1.OperationObject[]

/** What an explorer shows no example for, and cannot make one of by itself. */
function lacksExample (schema: Schema): boolean {
  return schema.$ref === undefined && !['examples', 'enum', 'default', 'items', 'anyOf', 'oneOf'].some(keyword => keyword in schema)
}

function inlineObjects (schema: Schema, path: string): string[] {
  const parts = [
    ...Object.entries(schema.properties ?? {}).map(([name, part]) => [`${path}.${name}`, part] as const),
    ...('items' in schema ? [[`${path}[]`, schema.items] as const] : []),
    ...[...schema.anyOf ?? [], ...schema.oneOf ?? []].map((part, index) => [`${path}|${index}`, part] as const)
  ]
  return parts.flatMap(([name, part]) => [
    ...((part as Schema).type === 'object' ? [name] : []), ...inlineObjects(part as Schema, name)
  ])
}

t.test('every schema and each of its fields is explained, with an example', async t => {
  const problems = schemas.flatMap(([name, schema]) => [
    ...(['title', 'description'] as const).filter(key => !schema[key]).map(key => `${name} has no ${key}`),
    ...Object.entries(schema.properties ?? {}).flatMap(([field, property]) => [
      ...(!('$ref' in property) && property.description === undefined ? [`${name}.${field} has no description`] : []),
      ...(lacksExample(property as Schema) ? [`${name}.${field} has no example`] : [])
    ])
  ])
  t.same(problems, [])
})

t.test('every parameter is explained', async t => {
  const parameters = operations.flatMap(({ operationId, parameters = [] }) => (parameters as OpenAPIV3_1.ParameterObject[]).map(({ name, description }) => ({ name: `${operationId} ${name}`, description })))
  t.ok(parameters.length > 30)
  t.same(parameters.filter(({ description }) => !description), [])
})

t.test('a title makes the identifier that the schema has as its name', async t => {
  for (const [name, { title = '' }] of schemas) {
    t.equal(title.split(' ').map(word => word.charAt(0).toUpperCase() + word.slice(1)).join(''), name)
  }
})

t.test('a field of a request that may be left out is optional in clients: its default is told in words', async t => {
  const bodies = operations.flatMap(({ requestBody }) => requestBody === undefined ? [] : Object.values((requestBody as OpenAPIV3_1.RequestBodyObject).content))
  const withDefault = JSON.stringify([bodies.map(({ schema }) => schema), schemas]).match(/"default":/g)
  t.equal(withDefault, null, 'openapi-typescript takes what has a default for required')
})

t.test('the codes of errors are listed, as a list that may grow', async t => {
  const { code } = Object.fromEntries(schemas).ErrorResponse?.properties as Record<string, Schema & { 'x-extensible-enum'?: string[] }>
  t.same(code?.enum, Object.keys(ERRORS))
  t.same(code?.['x-extensible-enum'], code?.enum)
})

t.test('the reasons of facts and of Stripe events are listed, each with its sentence, as a list that may grow', async t => {
  for (const name of ['LeadEvent', 'SaleEvent', 'RefundEvent', 'StripeEvent', 'AttentionGroup']) {
    const { reason } = Object.fromEntries(schemas)[name]?.properties as Record<string, Schema & { 'x-extensible-enum'?: string[] }>
    t.same(reason?.['x-extensible-enum'], Object.keys(reasons), name)
    t.same(Object.entries(reasons).filter(([code, { meaning }]) => reason?.description?.includes(`\`${code}\`: ${meaning}`) !== true), [], name)
  }
})

t.test('a schema has one name, in the document and for apps that import it', async t => {
  t.same(schemas.map(([name]) => name).filter(name => !(name in exported)), [])
})

t.test('no object is anonymous below the first level', async t => {
  t.same(schemas.flatMap(([name, schema]) => inlineObjects(schema, name)), [])
})

t.test('every operation has an example of its request and of its answer, and refers to the shared errors', async t => {
  for (const { operationId = '', requestBody, responses = {} } of operations) {
    const bodies = requestBody === undefined ? [] : Object.values((requestBody as OpenAPIV3_1.RequestBodyObject).content)
    for (const body of bodies) t.ok(body.example, `${operationId}: request`)
    for (const [status, response] of Object.entries(responses)) {
      const [media] = Object.values((response as OpenAPIV3_1.ResponseObject).content ?? {})
      if (status === '204' || status === '304') t.notOk(media, `${operationId}: an answer without a body`)
      else if (status.startsWith('2')) t.ok(media?.example ?? media?.examples, `${operationId}: ${status}`)
      else t.match(response, { $ref: /^#\/components\/responses\// }, `${operationId}: ${status}`)
    }
  }
})

t.test('an explorer sends no filter along that nobody has set: what a parameter looks like is told by its schema', async t => {
  const parameters = operations.flatMap(operation => (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[])
  for (const { name, example, examples, schema, description } of parameters) {
    t.same([example, examples], [undefined, undefined], `${name}: nothing to fill in`)
    t.notOk(lacksExample(schema as Schema), `${name}: an example`)
    t.ok(description, `${name}: explained where it is read`)
  }
})

t.test('the example of a page is a last one, so that whoever reads on until the end comes to one', async t => {
  const pages = operations.flatMap(({ responses }) => Object.values(responses ?? {}))
    .flatMap(response => Object.values((response as OpenAPIV3_1.ResponseObject).content ?? {}))
    .map(({ example }) => example as Record<string, unknown> | undefined)
    .filter(example => example?.nextCursor !== undefined)
  t.equal(pages.length, 2)
  for (const page of pages) t.equal(page?.nextCursor, null)
})

t.test('the webhook takes the object that Stripe sends, and tells of its signature once, as what each request brings', async t => {
  const webhook = document.paths?.['/webhooks/stripe']?.post
  t.match(webhook, {
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/StripeSnapshotEvent' } } } },
    parameters: [{ in: 'header', name: 'stripe-signature', required: true, description: /HMAC-SHA256/ }]
  })
  t.same(webhook?.security, [])
  const { StripeSnapshotEvent } = Object.fromEntries(schemas)
  t.match(StripeSnapshotEvent, { type: 'object', additionalProperties: true, properties: { id: {}, type: {}, data: {} } })
})

t.test('an event of Stripe as it comes is what the document describes', async t => {
  const ajv = new Ajv2020({ strict: false })
  ajv.addSchema({ $id: 'document', ...document })
  for (const name of ['StripeSnapshotEvent', 'StripeEventReport']) {
    const validate = ajv.getSchema(`document#/components/schemas/${name}`)
    for (const family of families) {
      const event = stripeEvent('checkout.session.completed', paidSession(null), { family })
      t.ok(validate?.(event), ajv.errorsText(validate?.errors))
    }
    t.notOk(validate?.({ id: 'evt_1', object: 'v2.core.event', type: 'v2.core.account.updated' }), 'a thin event')
  }
})
