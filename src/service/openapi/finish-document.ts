import type { OpenAPIV3_1 } from 'openapi-types'
import { errorResponseOf } from './error-responses.js'
import { examplesOf } from './examples.js'
import type { Schema, Schemas } from './examples.js'
import { headers, headersOf } from './headers.js'
import { links } from './links.js'
import { finishParameters } from './parameters.js'
import { webhooks } from './webhooks.js'

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/**
 * What the routes' schemas cannot say: error answers become shared responses, bodies get an example, and
 * operations without a security requirement say so; besides the headers, links and webhooks that no schema of a route has.
 */
export function finishDocument (document: Partial<OpenAPIV3_1.Document>): Partial<OpenAPIV3_1.Document> {
  const finished = structuredClone(document)
  const schemas = (finished.components?.schemas ?? {}) as Schemas
  const shared: Record<string, OpenAPIV3_1.ResponseObject> = {}
  for (const operation of operationsOf(finished)) {
    operation.security ??= []
    finishParameters((operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[], schemas)
    if (operation.requestBody !== undefined) finishBody(operation.requestBody as OpenAPIV3_1.RequestBodyObject, schemas)
    const responses = (operation.responses ?? {}) as Record<string, OpenAPIV3_1.ResponseObject>
    const traits = { limited: '429' in responses, conditional: '304' in responses, file: 'text/csv' in (responses[200]?.content ?? {}) }
    operation.responses = Object.fromEntries(Object.entries(responses).map(([status, response]) => {
      const error = errorResponseOf(response)
      const answer = error?.[1] ?? response
      answer.headers = { ...answer.headers, ...headersOf(Number(status), traits) }
      if (error === undefined) {
        addExamples(answer.content ?? {}, schemas)
        const own = status.startsWith('2') ? links[operation.operationId ?? ''] : undefined
        return [status, { ...answer, ...own !== undefined && { links: own } }]
      }
      shared[error[0]] = answer
      return [status, { $ref: `#/components/responses/${error[0]}` }]
    }))
  }
  finished.components = { ...finished.components, headers, responses: shared }
  Object.assign(finished, { webhooks })
  return finished
}

function operationsOf (document: Partial<OpenAPIV3_1.Document>): OpenAPIV3_1.OperationObject[] {
  return Object.values(document.paths ?? {}).flatMap(path => METHODS.flatMap(method => path?.[method] ?? []))
}

/** A body that may be null is one that may be left out. */
function finishBody (body: OpenAPIV3_1.RequestBodyObject, schemas: Schemas): void {
  for (const media of Object.values(body.content)) {
    const schema = media.schema as OpenAPIV3_1.SchemaObject | undefined
    if (!Array.isArray(schema?.type) || !schema.type.includes('null')) continue
    body.required = false
    media.schema = { ...schema, type: 'object' } as OpenAPIV3_1.SchemaObject
  }
  addExamples(body.content, schemas)
}

function addExamples (content: Record<string, OpenAPIV3_1.MediaTypeObject>, schemas: Schemas): void {
  for (const media of Object.values(content)) {
    const schema = media.schema as Schema | undefined
    if (schema === undefined) continue
    const examples = Object.entries(examplesOf(schema, schemas))
    if (examples.length === 1) media.example = examples[0]?.[1]
    else media.examples = Object.fromEntries(examples.map(([name, value]) => [name, { value }]))
  }
}
