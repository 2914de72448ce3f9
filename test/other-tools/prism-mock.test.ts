import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { createClient } from '../../sdk/index.js'
import { operations as methods } from '../../sdk/operations.js'
import { operations } from './journey.js'
import { DOCUMENT, startPrism } from './programs.js'

t.setTimeout(180_000)

/** Longer than any list of a mock's is. */
const ENDLESS = 100

type Method = (parameters: object) => Promise<unknown> & AsyncIterable<unknown>

/** What the document gives as examples of all that an operation must be told. */
function examplesOf ({ parameters = [], requestBody }: OpenAPIV3_1.OperationObject): object {
  const required = (parameters as OpenAPIV3_1.ParameterObject[]).filter(parameter => parameter.required === true)
  const body = (requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content['application/json']?.example
  return { ...Object.fromEntries(required.map(({ name, schema }) => [name, (schema as OpenAPIV3_1.SchemaObject | undefined)?.examples?.[0]])), ...body }
}

t.test('a mock made of the document answers every method of the SDK, and its lists end', async t => {
  const url = await startPrism(t, ['mock', DOCUMENT])
  const client = createClient({ baseUrl: url, token: 'a token of any kind' }) as unknown as Record<string, Method>
  let lists = 0
  for (const { operationId, operation } of operations.filter(({ operationId }) => operationId in methods)) {
    const answer = (client[operationId] as Method)(examplesOf(operation))
    await t.resolves(answer, operationId)
    if ((methods as Record<string, { items?: string }>)[operationId]?.items === undefined) continue
    const items: unknown[] = []
    for await (const item of answer) if (items.push(item) === ENDLESS) break
    t.ok(items.length > 0 && items.length < ENDLESS, `${operationId}: ${items.length}`)
    lists++
  }
  t.equal(lists, 2)
})
