import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import { reasons } from '../../src/ledger/reasons.js'
import { slugify } from '../../tools/docs/markdown.js'
import { readPages } from './pages.js'

const root = join(import.meta.dirname, '../..')

/** Pages that name tests, and how many links each has at least. */
const pages = { 'docs/edge-cases.md': 80, 'docs/security.md': 25, 'docs/guide.md': 8 }

/** String literals of a source file, as patterns: what is filled in at run time may be anything. */
function texts (source: string): RegExp[] {
  return [...source.matchAll(/(['`"])((?:\\.|(?!\1)[^\\\n])+)\1/g)].map(([, , text = '']) => {
    const parts = text.replace(/\\(.)/g, '$1').split(/\$\{[^}]*\}/)
    return new RegExp(`^${parts.map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+')}$`)
  })
}

for (const [page, atLeast] of Object.entries(pages)) {
  t.test(`every test that ${page} names is there`, async t => {
    const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+\.test\.ts)\)/g)]
      .filter(([, name = '']) => !name.endsWith('.test.ts'))
    t.ok(links.length > atLeast)
    const files = new Map<string, RegExp[]>()
    for (const [, name = '', address = ''] of links) {
      const file = join(root, dirname(page), address)
      if (!existsSync(file)) {
        t.fail(`${address} is not there`)
        continue
      }
      if (!files.has(file)) files.set(file, texts(readFileSync(file, 'utf8')))
      const found = files.get(file)?.some(text => text.test(name) && text.source !== '^.+$')
      if (!found) t.fail(`${relative(root, file)} has no test named: ${name}`)
    }
    t.pass(`${links.length} links`)
  })
}

t.test('every reason is produced by a test', async t => {
  const sources = readdirSync(join(root, 'test'), { encoding: 'utf8', recursive: true })
    .filter(file => file.endsWith('.test.ts')).map(file => readFileSync(join(root, 'test', file), 'utf8')).join('\n')
  t.same(Object.keys(reasons).filter(reason => !sources.includes(`'${reason}'`)), [])
})

t.test('a state and a reason that the troubleshooting names together are given together', t => {
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8')
  const outcomes = readFileSync(join(root, 'src/affitor/outcome.ts'), 'utf8')
  const named = [...page.matchAll(/`(delivered|unattributed|skipped|rejected)`, (?:reason )?`(\w+)`/g)]
  t.ok(named.length > 3)
  for (const [, state, reason] of named) t.ok(outcomes.includes(`settle('${state}', '${reason}')`), `${state}, ${reason}`)
  t.end()
})

t.test('whoever makes a webhook endpoint is told of exactly the events that are needed', async t => {
  for (const file of ['README.md', 'packages/fastify-affitor/README.md']) {
    const text = readFileSync(join(root, file), 'utf8')
    const block = text.split('```').find(part => part.includes('checkout.session.completed')) ?? ''
    t.same(block.trim().split(/\s+/).sort(), [...NEEDED_EVENT_TYPES].sort(), file)
  }
})

t.test('every link of a page to a file, and to a place on a page, leads there', async t => {
  const { tags } = JSON.parse(readFileSync(join(root, 'openapi.json'), 'utf8')) as { tags: Array<{ name: string }> }
  // Made of openapi.json when the site is built.
  const built = [...tags.map(({ name }) => name), 'schemas'].map(name => join(root, `docs/reference/${name}.md`))
  const places = (text: string) => [...text.replace(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slugify(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')))
  let count = 0
  for (const { page, text } of await readPages()) {
    const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '').replace(/`[^`\n]*`/g, '')
    for (const [, address = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(address)) continue
      count++
      const [path = '', place] = decodeURIComponent(address).split('#')
      const file = path === '' ? join(root, page) : join(root, dirname(page), path)
      if (built.includes(file)) continue
      if (!existsSync(file)) t.fail(`${page} links to ${address}`)
      else if (place !== undefined && !places(readFileSync(file, 'utf8')).includes(place)) t.fail(`${page} links to ${address}, a place that is not there`)
    }
  }
  t.ok(count > 100, `${count} links`)
})
