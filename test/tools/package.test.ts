import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readJson } from '../../tools/package/build.js'
import { complaints, entriesOf } from '../../tools/package/manifest.js'
import type { Manifest, RootManifest } from '../../tools/package/manifest.js'
import { compiled, reach } from '../../tools/package/reach.js'

const project = join(import.meta.dirname, '../..')
const manifest = await readJson<Manifest>(join(project, 'packages/fastify-affitor/package.json'))
const root = await readJson<RootManifest>(join(project, 'package.json'))
const bundled = { '@affitor/sdk': (await readJson<Manifest>(join(project, 'packages/affitor-sdk/package.json'))).version }
const all = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)])

t.test('the manifest agrees with the project, and with itself', async t => {
  t.same(complaints(manifest, root, all, bundled), [])
})

t.test('each disagreement is a sentence', async t => {
  const found = (changes: Partial<Manifest>, reached = all) => complaints({ ...manifest, ...changes }, root, reached, bundled)
  t.same(found({ version: '9.0.0' }), [`version is "9.0.0", and "${root.version}" in the project.`])
  t.same(found({}, new Set([...all, 'left-pad'])), ['left-pad is imported, and no dependency.'])
  t.same(found({ dependencies: { ...manifest.dependencies, 'env-schema': root.dependencies['env-schema'] ?? '' } }), ['env-schema is a dependency that nothing imports.'])
  t.same(found({ dependencies: { ...manifest.dependencies, ghtml: '^1.0.0' } }), [`ghtml is ^1.0.0, and ${root.dependencies.ghtml} in the project.`])
  t.same(found({ peerDependencies: { ...manifest.peerDependencies, pg: '^7.0.0' } }), [`pg is tested with ${root.dependencies.pg}, which ^7.0.0 does not allow.`])
})

t.test('tsconfig.package.json compiles what the manifest names', async t => {
  const { files } = await readJson<{ files: string[] }>(join(project, 'tsconfig.package.json'))
  t.same(entriesOf(manifest), files.map(file => `dist/${file.replace(/\.ts$/, '.js')}`).sort())
})

t.test('imports are followed, static, dynamic and of types, and lead to packages', async t => {
  const folder = t.testdir({})
  await mkdir(join(folder, 'public'))
  const files = {
    'entry.js': "import { a } from './a.js'\nimport 'node:fs'\nimport path from 'path'\nconst b = await import('@scope/b/deep')",
    'a.js': "export { c as a } from '#money'\nexport * from 'd'",
    'public/money.js': 'export const c = 1',
    'unused.js': "import 'e'",
    'broken.js': "import './away.js'"
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const { files: reached, packages } = await reach([join(folder, 'entry.js')], compiled(folder))
  t.same([...reached].sort(), ['a.js', 'entry.js', 'public/money.js'].map(name => join(folder, name)))
  t.same([...packages].sort(), ['@scope/b', 'd'])
  await t.rejects(reach([join(folder, 'broken.js')], compiled(folder)), /imports \.\/away\.js, which is not there/)
})
