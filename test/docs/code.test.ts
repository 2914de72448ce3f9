import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { trackerTag } from '../../src/affitor/tracker-tag.js'
import { createTestDatabase, createTestRole } from '../helpers/database.js'
import { withClient } from '../helpers/postgres-server.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'
import { wrongCommands } from './commands.js'
import { compileBlocks } from './compile.js'
import { project, readBlocks } from './pages.js'

const blocks = await readBlocks()
const inLanguage = (...languages: string[]) => blocks.filter(({ language }) => languages.includes(language))

t.test('every block is in a language that is looked at', t => {
  // Without a language: what is printed, drawn or listed.
  const known = ['ts', 'js', 'sh', 'sql', 'json', 'yaml', 'html', 'env', '']
  t.same(blocks.filter(({ language }) => !known.includes(language)).map(({ place, language }) => `${place} ${language}`), [])
  t.ok(blocks.length > 60, `${blocks.length} blocks`)
  t.end()
})

t.test('TypeScript and JavaScript compile', { timeout: 600_000 }, async t => {
  t.same(await compileBlocks(t.testdir({}), inLanguage('ts', 'js')), [])
})

t.test('commands are valid, and name scripts, options, programs and files that are there', async t => {
  for (const block of inLanguage('sh')) {
    const named = blocks.filter(({ page }) => page === block.page).map(({ says }) => says)
    t.same(wrongCommands(block, named), [], block.place)
    await promisify(execFile)('bash', ['-n', '-c', block.code]).catch((error: Error) => t.fail(`${block.place} ${error.message}`))
  }
})

t.test('SQL runs', async t => {
  const { connectionString } = await createTestDatabase(t)
  const asApp = await createTestRole(t, connectionString, 'app')
  const run = async (address: string, place: string, statements: string) => await withClient(address, async client => {
    await client.query('begin')
    await client.query(statements.replace(/\b(to|role) app\b/g, `$1 ${new URL(asApp).username}`)).catch((error: Error) => t.fail(`${place} ${error.message}`))
    await client.query('rollback')
  })
  for (const { code, place } of inLanguage('sql')) {
    // What a role does without, it may set for itself.
    const settings = /^alter role .*$/gm
    await run(asApp, place, (code.match(settings) ?? []).join('\n'))
    await run(connectionString, place, code.replace(settings, ''))
  }
  t.ok(inLanguage('sql').length > 5)
})

t.test('requests by curl are answered, in the order of their pages', async t => {
  const service = await startService(t)
  const folder = t.testdir({})
  const requests = inLanguage('sh').filter(({ code }) => /^curl /m.test(code))
    .sort((one, other) => Number(other.page.includes('quickstart')) - Number(one.page.includes('quickstart')))
  t.ok(requests.length > 5)
  const places = { 'http://localhost:3000': service.url, 'http://localhost:3001': service.affitor.url, 'http://localhost:3002': service.stripe.url, 'sandbox-api-token': API_TOKEN, 'sandbox-admin-token': ADMIN_TOKEN }
  for (const { code, place } of requests) {
    const script = Object.entries(places).reduce((text, [from, to]) => text.replaceAll(from, to), code)
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: folder }).catch((error: Error) => t.fail(`${place} ${error.message}`))
  }
})

t.test('JSON and YAML can be read, variables are known, and the tracker\'s tag is the one that the service writes', async t => {
  for (const { code, place } of inLanguage('json')) t.doesNotThrow(() => JSON.parse(code), place)
  for (const { code, place } of inLanguage('yaml')) t.doesNotThrow(() => parse(code), place)
  for (const { code, place } of inLanguage('html')) t.equal(code.trim(), trackerTag('https://api.affitor.com', '42'), place)
  const example = await readFile(join(project, '.env.example'), 'utf8')
  for (const { code, page, place } of inLanguage('env')) {
    const own = blocks.filter(block => block.page === page && block.language === 'js').map(block => block.code).join('\n')
    for (const [, name = ''] of code.matchAll(/^(\w+)=/gm)) t.ok(example.includes(`${name}=`) || own.includes(`env.${name}`), `${place} ${name}`)
  }
})
