import type { OpenAPIV3_1 } from 'openapi-types'
import { contentChanges } from './content.js'
import { resolve } from './document.js'
import type { AnySchema, Document, Documents } from './document.js'
import { responseChanges } from './responses.js'
import { schemaChanges } from './schemas.js'
import { securityChanges } from './security.js'
import { webhookChanges } from './webhooks.js'

type Operation = OpenAPIV3_1.OperationObject
type Parameter = OpenAPIV3_1.ParameterObject
type Body = OpenAPIV3_1.RequestBodyObject
type PathItem = OpenAPIV3_1.PathItemObject

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace'] as const

/** What of `current` would break a client that was written for `released`, a sentence each with its operations. */
export function breakingChanges (released: Document, current: Document): string[] {
  const documents: Documents = { released, current, known: new Map() }
  const told = new Map<string, string[]>()
  for (const { name, before, after } of operations(documents)) {
    // A component's change is the same in all operations that use it, and is told once.
    for (const change of new Set(operationChanges(before, after, documents))) told.set(change, [...told.get(change) ?? [], name])
  }
  for (const { name, change } of webhookChanges(documents)) told.set(change, [...told.get(change) ?? [], name])
  return [...told].map(([change, names]) => `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}: ${change}`)
}

/** An operation with the parameters of its path. */
interface Described { operation: Operation, parameters: Parameter[] }

function operations ({ released, current }: Documents): Array<{ name: string, before: Described, after: Described | undefined }> {
  // What a path's parameters are called does not matter on the wire; their names are compared with the parameters.
  const shape = (path: string) => path.replace(/\{[^}]*\}/g, '{}')
  const paths = new Map(Object.entries(current.paths ?? {}).map(([path, item]) => [shape(path), item]))
  return Object.entries(released.paths ?? {}).flatMap(([path, item]) => METHODS.flatMap(method => {
    const before = described(item, method, released)
    if (before === undefined) return []
    return [{ name: `${method.toUpperCase()} ${path}`, before, after: described(paths.get(shape(path)), method, current) }]
  }))
}

function described (item: PathItem | undefined, method: typeof METHODS[number], document: Document): Described | undefined {
  const found = resolve<PathItem>(item, document)
  const operation = found?.[method]
  if (operation === undefined) return undefined
  const all = [...operation.parameters ?? [], ...found?.parameters ?? []].flatMap(parameter => resolve<Parameter>(parameter, document) ?? [])
  // The operation's own come first and count before the path's.
  return { operation, parameters: all.filter((parameter, index) => all.findIndex(other => isSame(parameter, other)) === index) }
}

function operationChanges (before: Described, after: Described | undefined, documents: Documents): string[] {
  if (after === undefined) return ['it is gone']
  const [was, now] = [before.operation, after.operation]
  return [
    // Generated clients call their functions by it.
    ...(was.operationId === undefined || was.operationId === now.operationId ? [] : [`its operationId is ${now.operationId ?? 'not set'} now, and was ${was.operationId}`]),
    ...parameterChanges(before.parameters, after.parameters, documents),
    ...bodyChanges(was, now, documents),
    ...responseChanges(was, now, documents),
    ...securityChanges(was, now, documents)
  ]
}

function isSame (one: Parameter, other: Parameter): boolean {
  const [a, b] = one.in === 'header' ? [one.name.toLowerCase(), other.name.toLowerCase()] : [one.name, other.name]
  return one.in === other.in && a === b
}

function parameterChanges (before: Parameter[], after: Parameter[], documents: Documents): string[] {
  const changed = before.flatMap(parameter => {
    const now = after.find(other => isSame(parameter, other))
    const place = `${parameter.in} parameter ${parameter.name}`
    if (now === undefined) return [`${place} is gone`]
    return [
      ...(now.required === true && parameter.required !== true ? [`${place} is required now`] : []),
      ...(spelling(now) === spelling(parameter) ? [] : [`${place} is spelled ${spelling(now)} now, and was ${spelling(parameter)}`]),
      ...schemaChanges('request', place, schemaOf(parameter), schemaOf(now), documents)
    ]
  })
  const added = after.filter(parameter => parameter.required === true && !before.some(other => isSame(parameter, other)))
  return [...changed, ...added.map(({ in: place, name }) => `the new ${place} parameter ${name} is required`)]
}

/** How lists and objects are written into it, with what counts when nothing is said. */
function spelling ({ in: place, style, explode, content }: Parameter): string {
  const written = style ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple')
  return Object.keys(content ?? {})[0] ?? `${written}${explode ?? written === 'form' ? ', exploded' : ''}`
}

function schemaOf ({ schema, content }: Parameter): AnySchema | undefined {
  return (schema ?? Object.values(content ?? {})[0]?.schema) as AnySchema | undefined
}

function bodyChanges (before: Operation, after: Operation, documents: Documents): string[] {
  const was = resolve<Body>(before.requestBody, documents.released)
  const now = resolve<Body>(after.requestBody, documents.current)
  return [
    ...(was?.required !== true && now?.required === true ? ['a body is required now'] : []),
    ...contentChanges('request', 'body', was?.content, now?.content, type => `it does not take ${type} any more`, documents)
  ]
}
