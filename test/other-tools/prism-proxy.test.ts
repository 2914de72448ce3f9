import t from 'tap'
import { startService } from '../helpers/service.js'
import { journey, operations } from './journey.js'
import { DOCUMENT, startPrism } from './programs.js'

t.setTimeout(180_000)

t.test('Prism between the service and all who call it finds no request and no answer that the document does not have', async t => {
  const service = await startService(t)
  const url = await startPrism(t, ['proxy', DOCUMENT, service.url])
  const answers = await journey(service, url)
  t.same(answers.filter(({ contentType }) => contentType.startsWith('application/problem+json')), [])
  t.same([...new Set(answers.map(({ operationId }) => operationId))].sort(), operations.map(({ operationId }) => operationId).sort(), 'every operation is called')
  t.same([...new Set((await service.ledger()).map(({ kind }) => kind))].sort(), ['lead', 'refund', 'sale'], 'and the events arrived')

  const refused = await fetch(`${url}/api/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"email":1}' })
  t.match(refused.headers.get('content-type'), /problem\+json/, 'what the document does not have is found')
})
