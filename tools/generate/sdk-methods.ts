import type { OpenAPIV3_1 } from 'openapi-types'
import { ERRORS } from '../../schemas/error.js'
import { openapiDocument } from './openapi-document.js'

/** What the client's methods do not offer: Stripe alone calls it, with a signature of the body's bytes. */
const NOT_FOR_CLIENTS = ['receiveStripeEvent']

interface Method {
  name: string
  /** What a person reads of it in an editor. */
  words: string
  method: string
  path: string
  /** Whether the same request may be sent again when its answer was lost. */
  repeatable: boolean
  /** Whether a key in its headers is what makes it repeatable. */
  hasKey: boolean
  /** Whether the answer is a file of text, and no JSON. */
  isText: boolean
  /** Where an answer that is a page has what it lists. */
  items: string | undefined
}

/** The table from which the client makes its methods: `sdk/operations.js`. */
export async function sdkOperations (): Promise<string> {
  const rows = (await methods()).map(({ name, method, path, repeatable, hasKey, isText, items }) => {
    const flags = Object.entries({ repeatable, hasKey, isText }).filter(([, value]) => value).map(([flag]) => `, ${flag}: true`).join('')
    return `  ${name}: { method: '${method}', path: '${path}'${flags}${items === undefined ? '' : `, items: '${items}'`} }`
  })
  return `// Generated from openapi.json by \`npm run generate\`.\n\nexport const operations = {\n${rows.join(',\n')}\n}\n`
}

/** The types of these methods, with the document's words, and every code of an error: `sdk/operations.d.ts`. */
export async function sdkMethods (): Promise<string> {
  const members = (await methods()).map(({ name, words, hasKey, items }) => {
    const type = items !== undefined ? `ListMethod<'${name}', '${items}'>` : `Method<'${name}'${hasKey ? ', KeyedCallOptions' : ''}>`
    return `  /** ${words} */\n  ${name}: ${type}`
  })
  const codes = Object.keys(ERRORS).map(code => `  | '${code}'`)
  return `// Generated from openapi.json by \`npm run generate\`.

import type { KeyedCallOptions, ListMethod, Method, Operation } from './types.js'

export declare const operations: Record<keyof Methods, Operation>

/** The operations of the API by name. */
export interface Methods {
${members.join('\n')}
}

/** What the service answers failures with. */
export type ServiceErrorCode =
${codes.join('\n')}
`
}

async function methods (): Promise<Method[]> {
  const document = JSON.parse(await openapiDocument()) as OpenAPIV3_1.Document
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, OpenAPIV3_1.OperationObject>).map(([method, operation]) => methodOf(document, path, method.toUpperCase(), operation)))
    .filter(({ name }) => !NOT_FOR_CLIENTS.includes(name))
}

function methodOf (document: OpenAPIV3_1.Document, path: string, method: string, operation: OpenAPIV3_1.OperationObject): Method {
  const { operationId: name = '', summary = '', description = '', tags = [] } = operation
  const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[]
  refuseClashes(name, method, parameters, Object.keys(resolve(document, bodyOf(operation)).properties ?? {}))
  const hasKey = parameters.some(parameter => parameter.name === 'idempotency-key')
  const [, response] = Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2')) ?? []
  const content = (response as OpenAPIV3_1.ResponseObject | undefined)?.content ?? {}
  const page = resolve(document, content['application/json']?.schema).properties ?? {}
  return {
    name,
    words: `${summary}. ${description}`.replaceAll('*/', '*\\/'),
    method,
    path,
    // A fact is stored under its key once, however often it is told.
    repeatable: method === 'GET' || method === 'DELETE' || tags.includes('facts') || hasKey,
    hasKey,
    isText: 'text/csv' in content,
    items: 'nextCursor' in page ? Object.keys(page).find(property => 'items' in resolve(document, page[property])) : undefined
  }
}

function bodyOf (operation: OpenAPIV3_1.OperationObject): Schema | undefined {
  return (operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json']?.schema
}

/** @throws when one object cannot hold all that the operation takes, as the client's methods take it */
function refuseClashes (name: string, method: string, parameters: OpenAPIV3_1.ParameterObject[], body: string[]): void {
  if (method !== 'GET' && parameters.some(parameter => parameter.in === 'query')) throw new Error(`${name} has a query, and is no GET: sdk/call.js would send it in the body.`)
  const clash = parameters.find(parameter => parameter.in === 'path' && body.includes(parameter.name))
  if (clash !== undefined) throw new Error(`${name} has ${clash.name} in its path and in its body: sdk/call.js cannot tell them apart.`)
}

type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject

function resolve (document: OpenAPIV3_1.Document, schema: Schema | undefined): OpenAPIV3_1.SchemaObject {
  if (schema === undefined) return {}
  if (!('$ref' in schema)) return schema
  return document.components?.schemas?.[schema.$ref?.split('/').at(-1) ?? ''] ?? {}
}
