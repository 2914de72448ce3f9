import type { IncomingMessage, ServerResponse } from 'node:http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'

type Document = OpenAPIV3_1.Document
type ResponseObject = OpenAPIV3_1.ResponseObject

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** Pages and their files, which people open, and what Prometheus scrapes; the document promises nothing of them. */
export const PAGES = /^\/($|docs|openapi(-3\.0)?\.json$|metrics$|assets\/|operator|checkout\/)/

/** What an operation takes as proof of who calls: its security schemes, or Stripe's signature of the body. */
export function proofsOf ({ security = [], parameters = [] }: OpenAPIV3_1.OperationObject): string[] {
  const isSigned = parameters.some(parameter => 'name' in parameter && parameter.name === 'stripe-signature' && parameter.required === true)
  return [...security.flatMap(Object.keys), ...(isSigned ? ['stripeSignature'] : [])]
}

export interface ContractWatch {
  /** What was answered and is not in the document, a sentence each. */
  violations: string[]
}

/** Holds every answer that leaves the app's HTTP server against the document that the app serves. */
export function watchContract (app: FastifyInstance): ContractWatch {
  const document = app.swagger() as Document
  const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }))
  ajv.addSchema({ $id: 'document', ...document })
  const operations = operationsOf(document)
  const violations: string[] = []

  app.server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    captureAnswer(response, (body, header) => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      if (PAGES.test(path) || request.method === 'OPTIONS' || request.method === 'HEAD') return
      const operation = operations.find(candidate => candidate.method === request.method?.toLowerCase() && candidate.pattern.test(path))
      const problem = check(operation, response.statusCode, header, body)
      if (problem !== undefined) violations.push(`${request.method} ${path} answered ${response.statusCode}: ${problem}`)
    })
  })

  function check (operation: Operation | undefined, statusCode: number, header: ReadHeader, body: string): string | undefined {
    const documented = operation?.responses[statusCode]
    if (documented?.pointer === null) return body === '' ? undefined : `a body where there is none: ${body.slice(0, 300)}`
    const contentType = String(header('content-type') ?? '')
    if (documented?.file !== undefined) return contentType.startsWith(documented.file) ? undefined : `content type ${contentType}`
    if (!contentType.startsWith('application/json')) return `content type ${contentType}`
    // What no operation answers is a 404 or a 4xx of the framework; its shape is promised all the same.
    if (operation !== undefined && documented === undefined) return 'this status is not documented'
    for (const name of documented?.headers ?? []) {
      if (header(name) === undefined) return `the header ${name} is missing`
    }
    const validate = ajv.getSchema(`document${documented?.pointer ?? '#/components/schemas/ErrorResponse'}`)
    if (validate?.(JSON.parse(body)) === true) return undefined
    return `${ajv.errorsText(validate?.errors)} in ${body.slice(0, 300)}`
  }

  return { violations }
}

interface Promised {
  /** Of the body's schema; null: there is no body. */
  pointer: string | null
  /** Media type of a file, whose content the document does not describe. */
  file?: string
  headers: string[]
}

interface Operation {
  method: string
  pattern: RegExp
  responses: Record<string, Promised | undefined>
}

function operationsOf (document: Document): Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) => METHODS.flatMap(method => {
    const operation = item?.[method]
    if (operation === undefined) return []
    const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => [status, resolve(response, document)])
    return [{ method, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), responses: Object.fromEntries(responses) }]
  }))
}

function resolve (response: ResponseObject | OpenAPIV3_1.ReferenceObject, document: Document): Promised {
  const name = '$ref' in response ? response.$ref.replace('#/components/responses/', '') : undefined
  const resolved = name === undefined ? response as ResponseObject : document.components?.responses?.[name] as ResponseObject
  // Of what succeeded, only while callers are limited.
  const headers = Object.keys(resolved.headers ?? {}).filter(header => name !== undefined || !/RateLimit/.test(header))
  if (resolved.content === undefined) return { pointer: null, headers }
  const [file] = Object.keys(resolved.content)
  if (file !== undefined && file !== 'application/json') return { pointer: '', file, headers }
  const schema = resolved.content['application/json']?.schema ?? {}
  if ('$ref' in schema) return { pointer: schema.$ref, headers }
  if (name === undefined) throw new Error(`An answer is no named schema: ${JSON.stringify(resolved)}`)
  return { pointer: `#/components/responses/${name}/content/application~1json/schema`, headers }
}

type ReadHeader = (name: string) => unknown

function captureAnswer (response: ServerResponse, onEnd: (body: string, header: ReadHeader) => void): void {
  const chunks: Buffer[] = []
  // Of a response that had none before, `getHeader` does not tell the headers that `writeHead` was given.
  const written: Record<string, unknown> = {}
  const { write, writeHead, end } = response
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string))
  }
  response.writeHead = function (this: ServerResponse, ...args: unknown[]) {
    for (const [name, value] of Object.entries(Object(args.at(-1)))) written[name.toLowerCase()] = value
    return writeHead.apply(this, args as Parameters<typeof writeHead>)
  } as typeof writeHead
  response.write = function (this: ServerResponse, ...args: unknown[]) {
    keep(args[0])
    return write.apply(this, args as Parameters<typeof write>)
  } as typeof write
  response.end = function (this: ServerResponse, ...args: unknown[]) {
    keep(args[0])
    onEnd(Buffer.concat(chunks).toString('utf8'), name => response.getHeader(name) ?? written[name.toLowerCase()])
    return end.apply(this, args as Parameters<typeof end>)
  } as typeof end
}
