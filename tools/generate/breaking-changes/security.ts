import type { OpenAPIV3_1 } from 'openapi-types'
import { isDeepStrictEqual } from 'node:util'
import { resolve } from './document.js'
import type { Document, Documents } from './document.js'

type Operation = OpenAPIV3_1.OperationObject
type Scheme = OpenAPIV3_1.SecuritySchemeObject

/** Ways to authenticate of which one is enough. Each way a client knew must still do. */
export function securityChanges (before: Operation, after: Operation, { released, current }: Documents): string[] {
  const was = waysOf(before, released)
  const now = waysOf(after, current)
  const refused = was.filter(way => !now.some(asked => Object.entries(asked).every(([scheme, scopes]) => {
    const held = way[scheme]
    return held !== undefined && scopes.every(scope => held.includes(scope))
  })))
  const kept = was.filter(way => !refused.includes(way)).flatMap(way => Object.keys(way))
  const otherwise = [...new Set(kept)].filter(name => now.some(way => name in way) && !isDeepStrictEqual(schemeOf(name, released), schemeOf(name, current)))
  return [
    ...refused.map(way => Object.keys(way).length === 0 ? 'it needs authentication now' : `${Object.keys(way).join(' with ')} is not accepted any more`),
    ...otherwise.map(name => `${name} is sent otherwise now`)
  ]
}

function waysOf (operation: Operation, document: Document): OpenAPIV3_1.SecurityRequirementObject[] {
  const ways = operation.security ?? document.security ?? []
  return ways.length === 0 ? [{}] : ways
}

/** How a scheme is sent: all of it but what is said to people. */
function schemeOf (name: string, document: Document): unknown {
  const { description, bearerFormat, ...sent } = resolve<Scheme>(document.components?.securitySchemes?.[name], document) as Record<string, unknown> | undefined ?? {}
  return sent
}
