import type { OpenAPIV3_1 } from 'openapi-types'
import type { AnySchema, Documents } from './document.js'
import { schemaChanges } from './schemas.js'

type Content = Record<string, OpenAPIV3_1.MediaTypeObject>

/**
 * What breaks of a body, by each of its content types.
 * @param side which of the two writes it
 * @param gone says that a content type is not there any more
 */
export function contentChanges (
  side: 'request' | 'response', place: string, was: Content = {}, now: Content = {}, gone: (type: string) => string, documents: Documents
): string[] {
  return Object.entries(was).flatMap(([type, { schema }]) => {
    const media = now[type]
    return media === undefined ? [gone(type)] : schemaChanges(side, place, schema as AnySchema, media.schema as AnySchema, documents)
  })
}
