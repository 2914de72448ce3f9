import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { proofsOf } from '../helpers/contract.js'

/** The keywords of JSON Schema that requests of our document use. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean
}

export interface Parameter { name: string, in: 'path' | 'query' | 'header', required: boolean, schema: Schema }

export interface Operation {
  id: string
  method: string
  /** With `{name}` for each path parameter. */
  path: string
  parameters: Parameter[]
  body?: { contentType: string, schema: Schema, required: boolean }
  /** Each of which is enough; empty: anyone may call. */
  proofs: string[]
  statuses: number[]
}

/** What the document promises of requests. */
export interface Contract {
  operations: Operation[]
  /** The schema itself, or what it refers to. */
  resolve (schema: Schema): Schema
  isValid (schema: Schema, value: unknown): boolean
}

/** Reads the document that the app serves. @throws Error on a keyword that requests cannot be made for */
export function readContract (app: FastifyInstance): Contract {
  const document = app.swagger() as OpenAPIV3_1.Document
  const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>
  const ajv = addFormats.default(new Ajv2020({ strict: false }))
  ajv.addSchema({ $id: 'document', ...document })

  const resolve = (schema: Schema): Schema => {
    if (schema.$ref === undefined) return schema
    const named = schemas[schema.$ref.replace('#/components/schemas/', '')]
    if (named === undefined) throw new Error(`${schema.$ref} is not in the document`)
    return resolve(named)
  }
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) => Object.entries(item ?? {})
    .map(([method, operation]) => readOperation(path, method, operation as OpenAPIV3_1.OperationObject)))
  for (const { id, parameters, body } of operations) {
    for (const { name, schema } of parameters) checkKeywords(schema, `${id} ${name}`, resolve)
    if (body !== undefined) checkKeywords(body.schema, `${id} body`, resolve)
  }
  return {
    operations,
    resolve,
    isValid: (schema, value) => schema.$ref === undefined ? ajv.validate(schema, value) : ajv.getSchema(`document${schema.$ref}`)?.(value) === true
  }
}

function readOperation (path: string, method: string, operation: OpenAPIV3_1.OperationObject): Operation {
  const requestBody = operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined
  const [media] = Object.entries(requestBody?.content ?? {})
  return {
    id: operation.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters: (operation.parameters ?? []).map(parameter => {
      const { name, in: place, required = false, schema } = parameter as Required<OpenAPIV3_1.ParameterObject>
      return { name, in: place as Parameter['in'], required, schema: schema as Schema }
    }),
    ...(media === undefined ? {} : { body: { contentType: media[0], schema: media[1].schema as Schema, required: requestBody?.required === true } }),
    proofs: proofsOf(operation),
    statuses: Object.keys(operation.responses ?? {}).map(Number)
  }
}

const UNDERSTOOD = new Set([
  '$ref', 'type', 'enum', 'const', 'anyOf', 'format', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum',
  'items', 'minItems', 'maxItems', 'properties', 'required', 'additionalProperties'
])
const ANNOTATIONS = new Set(['title', 'description', 'examples', 'default'])

/** A keyword that is skipped would leave what it says untested. */
function checkKeywords (schema: Schema, place: string, resolve: Contract['resolve']): void {
  const resolved = resolve(schema)
  for (const keyword of Object.keys(resolved)) {
    if (!UNDERSTOOD.has(keyword) && !ANNOTATIONS.has(keyword)) throw new Error(`${place}: no request can be made for the keyword "${keyword}"`)
  }
  if (typeof resolved.additionalProperties === 'object') throw new Error(`${place}: no request can be made for a schema of additional properties`)
  for (const [name, property] of Object.entries(resolved.properties ?? {})) checkKeywords(property, `${place}/${name}`, resolve)
  for (const choice of resolved.anyOf ?? []) checkKeywords(choice, place, resolve)
  if (resolved.items !== undefined) checkKeywords(resolved.items, `${place}/items`, resolve)
}
