import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { reasons } from '../src/ledger/reasons.js'

const root = join(import.meta.dirname, '..')
const page = join(root, 'docs/edge-cases.md')

/** String literals of a source file, as patterns: what is filled in at run time may be anything. */
function texts (source: string): RegExp[] {
  return [...source.matchAll(/(['`"])((?:\\.|(?!\1)[^\\\n])+)\1/g)].map(([, , text = '']) => {
    const parts = text.replace(/\\(.)/g, '$1').split(/\$\{[^}]*\}/)
    return new RegExp(`^${parts.map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.+')}$`)
  })
}

t.test('every test that docs/edge-cases.md names is there', async t => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\[([^\]]+)\]\((\.\.\/test\/[^)]+)\)/g)]
  t.ok(links.length > 80)
  const files = new Map<string, RegExp[]>()
  for (const [, name = '', address = ''] of links) {
    const file = join(dirname(page), address)
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

t.test('every reason is produced by a test', async t => {
  const sources = readdirSync(join(root, 'test'), { encoding: 'utf8', recursive: true })
    .filter(file => file.endsWith('.test.ts')).map(file => readFileSync(join(root, 'test', file), 'utf8')).join('\n')
  t.same(Object.keys(reasons).filter(reason => !sources.includes(`'${reason}'`)), [])
})
