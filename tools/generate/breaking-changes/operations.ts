import type { OpenAPIV3_1 } from 'openapi-types'
import { schemaChanges } from './schemas.js'
import type { Schema } from './schemas.js'

type Document = OpenAPIV3_1.Document

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** What of `current` would break a client that was written for `released`, a sentence each. */
export function breakingChanges (released: Document, current: Document): string[] {
  return Object.entries(released.paths ?? {}).flatMap(([path, item]) => METHODS.flatMap(method => {
    const before = item?.[method]
    if (before === undefined) return []
    const after = current.paths?.[path]?.[method]
    const name = `${method.toUpperCase()} ${path}`
    if (after === undefined) return [`${name} is gone`]
    return [
      ...parameterChanges(before, after, released, current),
      ...requestChanges(before, after, released, current),
      ...responseChanges(before, after, released, current),
      ...securityChanges(before, after)
    ].map(change => `${name}: ${change}`)
  }))
}

type Operation = OpenAPIV3_1.OperationObject

function parameterChanges (before: Operation, after: Operation, released: Document, current: Document): string[] {
  const list = (operation: Operation) => (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[]
  const find = (operation: Operation, { name, in: place }: OpenAPIV3_1.ParameterObject) =>
    list(operation).find(candidate => candidate.name === name && candidate.in === place)
  const changed = list(before).flatMap(parameter => {
    const now = find(after, parameter)
    const place = `${parameter.in} parameter ${parameter.name}`
    if (now === undefined) return [`${place} is gone`]
    return [
      ...(now.required === true && parameter.required !== true ? [`${place} is required now`] : []),
      ...schemaChanges('request', place, parameter.schema as Schema, now.schema as Schema, released, current)
    ]
  })
  const added = list(after).filter(parameter => parameter.required === true && find(before, parameter) === undefined)
  return [...changed, ...added.map(({ in: place, name }) => `the new ${place} parameter ${name} is required`)]
}

function requestChanges (before: Operation, after: Operation, released: Document, current: Document): string[] {
  const bodyOf = (operation: Operation) => operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined
  const content = (operation: Operation) => bodyOf(operation)?.content ?? {}
  if (bodyOf(before)?.required !== true && bodyOf(after)?.required === true) return ['a body is required now']
  return Object.entries(content(before)).flatMap(([type, { schema }]) => {
    const now = content(after)[type]
    return now === undefined ? [`${type} is not taken any more`] : schemaChanges('request', 'body', schema as Schema, now.schema as Schema, released, current)
  })
}

function responseChanges (before: Operation, after: Operation, released: Document, current: Document): string[] {
  const successes = Object.keys(before.responses ?? {}).filter(status => status.startsWith('2'))
  return successes.flatMap(status => {
    const was = before.responses?.[status] as OpenAPIV3_1.ResponseObject
    const now = after.responses?.[status] as OpenAPIV3_1.ResponseObject | undefined
    if (now === undefined) return [`it does not answer ${status} any more`]
    return Object.entries(was.content ?? {}).flatMap(([type, { schema }]) => {
      const media = now.content?.[type]
      return media === undefined
        ? [`${status} is not ${type} any more`]
        : schemaChanges('response', `${status} body`, schema as Schema, media.schema as Schema, released, current)
    })
  })
}

function securityChanges (before: Operation, after: Operation): string[] {
  const schemes = (operation: Operation) => (operation.security ?? []).map(requirement => Object.keys(requirement).sort().join('+'))
  if (schemes(after).length === 0) return []
  if (schemes(before).length === 0) return ['it needs authentication now']
  return schemes(before).filter(scheme => !schemes(after).includes(scheme)).map(scheme => `${scheme} is not accepted any more`)
}
