import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openapi30 } from '../../src/service/openapi/openapi-3-0.js'
import { strictProblems } from '../../tools/harness/strict-problems.js'
import { sourcesIn } from './generators.js'
import { DOCUMENT, installed, RULES, runOther } from './programs.js'

// Below the tools' packages, so that what is made finds Zod.
const folder = await mkdtemp(join(installed, 'made-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
const older = join(folder, 'openapi-3.0.json')
await writeFile(older, JSON.stringify(openapi30(JSON.parse(await readFile(DOCUMENT, 'utf8')))))

const spectral = (document: string) => runOther('spectral', ['lint', document, '--ruleset', RULES, '--fail-severity', 'hint', '--quiet'], folder)

t.test('Spectral has nothing against the document, by its rules for OpenAPI and those of OWASP', async t => {
  await t.resolves(spectral(DOCUMENT))
  await t.resolves(spectral(older), 'as 3.0')
})

t.test('Spectral\'s rules find what they are for', async t => {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8'))
  delete document.components.schemas.SignupRequest.properties.password.maxLength
  delete document.components.schemas.SignupRequest.properties.password.pattern
  delete document.components.schemas.CheckoutRequest.properties.quantity.maximum
  document.paths['/api/leads'].post.security = []
  const broken = join(folder, 'broken.json')
  await writeFile(broken, JSON.stringify(document))
  const { message } = await spectral(broken).then(() => ({ message: '' }), (error: Error) => error)
  for (const rule of ['request-string-limit', 'request-integer-limit', 'owasp:api2:2023-write-restricted']) t.match(message, rule)
})

t.test('Redocly has nothing against the document as 3.0', async t => {
  await t.resolves(promisify(execFile)('npx', ['--no-install', 'redocly', 'lint', older, '--extends=recommended', '--skip-rule=no-empty-servers', '--format=stylish']))
})

t.test('what generators that stop at 3.0 make of it compiles', async t => {
  await runOther('openapi', ['--input', older, '--output', 'out', '--client', 'fetch', '--useUnionTypes'], folder)
  const files = await sourcesIn(folder)
  t.ok(files.length > 50, `${files.length} files`)
  t.same(strictProblems(files), [])
})
