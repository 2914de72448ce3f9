import type { OpenAPIV3_1 } from 'openapi-types'
import { contentChanges } from './content.js'
import { resolve } from './document.js'
import type { Documents } from './document.js'
import { responseFor } from './responses.js'

type PathItem = OpenAPIV3_1.PathItemObject
type Body = OpenAPIV3_1.RequestBodyObject

/**
 * What would break those who receive the document's webhooks. There the sides are the other way round: what is sent is
 * read as an answer is, and what the receiver answers is checked as a request is.
 */
export function webhookChanges (documents: Documents): Array<{ name: string, change: string }> {
  const { released, current } = documents
  return Object.entries(released.webhooks ?? {}).flatMap(([name, item]) => {
    const was = resolve<PathItem>(item, released)?.post
    if (was === undefined) return []
    const now = resolve<PathItem>(current.webhooks?.[name], current)?.post
    if (now === undefined) return [{ name: `webhook ${name}`, change: 'it is gone' }]
    return [...sentChanges(was.requestBody, now.requestBody, documents), ...answerChanges(was.responses, now.responses)]
      .map(change => ({ name: `webhook ${name}`, change }))
  })
}

function sentChanges (before: Body | OpenAPIV3_1.ReferenceObject | undefined, after: typeof before, documents: Documents): string[] {
  const was = resolve<Body>(before, documents.released)
  const now = resolve<Body>(after, documents.current)
  return contentChanges('response', 'body', was?.content, now?.content, type => `it is not sent as ${type} any more`, documents)
}

function answerChanges (before: OpenAPIV3_1.ResponsesObject = {}, after: OpenAPIV3_1.ResponsesObject = {}): string[] {
  return Object.keys(before)
    .filter(status => responseFor(status, after) === undefined)
    .map(status => `an answer ${status} is not taken any more`)
}
