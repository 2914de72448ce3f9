import type { OpenAPIV3_1 } from 'openapi-types'
import { contentChanges } from './content.js'
import { resolve } from './document.js'
import type { AnySchema, Documents } from './document.js'
import { schemaChanges } from './schemas.js'

type Operation = OpenAPIV3_1.OperationObject
type Response = OpenAPIV3_1.ResponseObject
type Header = OpenAPIV3_1.HeaderObject

/** Every answer that clients know, errors too: by their status, body and headers they decide what to do. */
export function responseChanges (before: Operation, after: Operation, documents: Documents): string[] {
  return Object.keys(before.responses ?? {}).flatMap(status => {
    const was = resolve<Response>(before.responses?.[status], documents.released)
    if (was === undefined) return []
    const now = resolve<Response>(responseFor(status, after.responses), documents.current)
    if (now === undefined) return [`it does not answer ${status} any more`]
    return [
      ...contentChanges('response', `${status} body`, was.content, now.content, type => `answer ${status} is not ${type} any more`, documents),
      ...headerChanges(status, was, now, documents)
    ]
  })
}

/** What a document says of a status, of its class, or of all that it does not name. */
export function responseFor (status: string, responses: OpenAPIV3_1.ResponsesObject = {}) {
  return responses[status] ?? responses[`${status[0]}XX`] ?? responses.default
}

function headerChanges (status: string, was: Response, now: Response, documents: Documents): string[] {
  return Object.entries(was.headers ?? {}).flatMap(([name, header]) => {
    const before = resolve<Header>(header, documents.released)
    const same = Object.entries(now.headers ?? {}).find(([other]) => other.toLowerCase() === name.toLowerCase())
    const after = resolve<Header>(same?.[1], documents.current)
    const place = `${status} header ${name}`
    if (after === undefined) return [`${place} is gone`]
    return [
      ...(before?.required === true && after.required !== true ? [`${place} may be absent now`] : []),
      ...schemaChanges('response', place, before?.schema as AnySchema, after.schema as AnySchema, documents)
    ]
  })
}
