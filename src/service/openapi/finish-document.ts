import type { OpenAPIV3_1 } from 'openapi-types'
import { errorResponseName, errorResponses } from './error-responses.js'
import { examplesOf } from './examples.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/**
 * What the routes' schemas cannot say: error answers become shared responses, bodies get an example, and
 * operations without a security requirement say so.
 */
export function finishDocument (document: Partial<OpenAPIV3_1.Document>): Partial<OpenAPIV3_1.Document> {
  const finished = structuredClone(document)
  const schemas = (finished.components?.schemas ?? {}) as Parameters<typeof examplesOf>[1]
  const errors = new Map<number, string>()
  for (const operation of operationsOf(finished)) {
    operation.security ??= []
    if (operation.requestBody !== undefined) finishBody(operation.requestBody as OpenAPIV3_1.RequestBodyObject, schemas)
    for (const [status, answer] of Object.entries(operation.responses ?? {})) {
      const response = answer as OpenAPIV3_1.ResponseObject
      const name = errorResponseName(Number(status))
      if (name === undefined) {
        addExamples(response.content ?? {}, schemas)
      } else {
        errors.set(Number(status), response.description)
        operation.responses = { ...operation.responses, [status]: { $ref: `#/components/responses/${name}` } }
      }
    }
  }
  finished.components = { ...finished.components, responses: errorResponses(errors) }
  return finished
}

function operationsOf (document: Partial<OpenAPIV3_1.Document>): OpenAPIV3_1.OperationObject[] {
  return Object.values(document.paths ?? {}).flatMap(path => METHODS.flatMap(method => path?.[method] ?? []))
}

/** A body that may be null is one that may be left out. */
function finishBody (body: OpenAPIV3_1.RequestBodyObject, schemas: Parameters<typeof examplesOf>[1]): void {
  for (const media of Object.values(body.content)) {
    const schema = media.schema as OpenAPIV3_1.SchemaObject | undefined
    if (!Array.isArray(schema?.type) || !schema.type.includes('null')) continue
    body.required = false
    media.schema = { ...schema, type: 'object' } as OpenAPIV3_1.SchemaObject
  }
  addExamples(body.content, schemas)
}

function addExamples (content: Record<string, OpenAPIV3_1.MediaTypeObject>, schemas: Parameters<typeof examplesOf>[1]): void {
  for (const media of Object.values(content)) {
    const schema = media.schema as Parameters<typeof examplesOf>[0] | undefined
    // Bytes have no example in JSON.
    if (schema === undefined || schema.format === 'binary') continue
    const examples = Object.entries(examplesOf(schema, schemas))
    if (examples.length === 1) media.example = examples[0]?.[1]
    else media.examples = Object.fromEntries(examples.map(([name, value]) => [name, { value }]))
  }
}
