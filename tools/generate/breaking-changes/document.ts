import type { OpenAPIV3_1 } from 'openapi-types'

export type Document = OpenAPIV3_1.Document

/** The document that clients were written for, and the one that they will meet. */
export interface Documents {
  released: Document
  current: Document
  /** What was found of components so far. */
  known: Map<string, string[]>
}

/** What of a schema is compared. */
export interface Schema {
  $ref?: string
  title?: string
  type?: string | string[]
  nullable?: boolean
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, AnySchema>
  required?: string[]
  additionalProperties?: AnySchema
  items?: AnySchema
  allOf?: AnySchema[]
  anyOf?: AnySchema[]
  oneOf?: AnySchema[]
  [keyword: string]: unknown
}

/** `true` takes everything, `false` nothing. */
export type AnySchema = Schema | boolean

/** Under which name a schema is kept, when it is a reference. */
export function componentOf (node: AnySchema | undefined): string | undefined {
  return typeof node === 'object' ? node.$ref?.split('/').at(-1) : undefined
}

/** What is at a reference such as `#/components/schemas/Sale`. */
export function lookUp (reference: string, document: Document): unknown {
  const steps = reference.replace(/^#\//, '').split('/').map(step => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document)
}

/** The node itself, or what its references lead to; nothing when they lead nowhere or in a circle. */
export function resolve<T extends object> (node: T | { $ref: string } | undefined, document: Document, followed: string[] = []): T | undefined {
  if (node === undefined || !('$ref' in node)) return node
  if (followed.includes(node.$ref)) return undefined
  return resolve(lookUp(node.$ref, document) as T | undefined, document, [...followed, node.$ref])
}
