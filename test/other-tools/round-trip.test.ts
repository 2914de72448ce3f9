import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { strictProblems } from '../../tools/harness/strict-problems.js'
import { startService } from '../helpers/service.js'
import { generators, parsersOf, sourcesIn } from './generators.js'
import type { Generator } from './generators.js'
import { componentOf, journey } from './journey.js'
import { DOCUMENT, installed } from './programs.js'

t.setTimeout(600_000)

const service = await startService(t)
const answers = await journey(service, service.url)

for (const generator of generators) {
  t.test(`what ${generator.name} makes of the document compiles, and reads every answer without loss`, t => check(t, generator, DOCUMENT))
}

t.test('as OpenAPI 3.0 the document reads every answer without loss too', async t => {
  const { body } = await service.request('GET', '/openapi-3.0.json')
  const document = join(t.testdir({ 'openapi-3.0.json': JSON.stringify(body) }), 'openapi-3.0.json')
  await check(t, generators.find(({ name }) => name === 'openapi-zod-client') as Generator, document)
})

async function check (t: Tap, generator: Generator, document: string): Promise<void> {
  // Below the tools' packages, so that what is made finds Zod.
  const folder = await mkdtemp(join(installed, 'made-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await generator.generate(document, folder)
  t.same(strictProblems(await sourcesIn(folder)), [], 'it compiles under strict settings')
  const parsers = await parsersOf(generator, folder)
  let read = 0
  for (const answer of answers.filter(({ contentType }) => contentType.includes('json'))) {
    const name = generator.nameOf({ ...answer, component: componentOf(answer) })
    if (name === undefined) continue
    const parsed = parsers[name]?.safeParse(answer.body)
    t.equal(parsed?.error?.message, undefined, `${name}: ${answer.operationId} ${answer.status}`)
    t.strictSame(parsed?.data, answer.body, `${name} keeps all of it`)
    read++
  }
  t.ok(read > 40, `${read} answers`)
}

type Tap = Pick<typeof t, 'same' | 'equal' | 'strictSame' | 'ok' | 'teardown'>
