import { readdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { notesOf, sourceOf, strayVersions } from '../../tools/release/packages.js'

const project = join(import.meta.dirname, '../..')
const read = async (name: string) => await readFile(join(project, name), 'utf8')

interface Step { run?: string, uses?: string }
interface Workflow {
  on: Record<string, unknown>
  permissions: Record<string, string>
  jobs: Record<string, { 'timeout-minutes'?: number, needs?: string | string[], permissions?: Record<string, string>, steps: Step[] }>
}

t.test('service, plugin, client, examples, document, kept database and changelog are of one version', async t => {
  t.same(await strayVersions(), [])
})

t.test('the notes of a version are its section of the changelog', t => {
  const changelog = '# Changelog\n\n## 0.10.0\n\n### Minor Changes\n\n- New.\n\n## 0.1.0\n\n- First.\n'
  t.equal(notesOf(changelog, '0.10.0'), '### Minor Changes\n\n- New.')
  t.equal(notesOf(changelog, '0.1.0'), '- First.')
  t.equal(notesOf(changelog, '0.2.0'), '')
  t.end()
})

t.test('the links of each README lead from the registry to files of the repository', async t => {
  for (const directory of ['packages/fastify-affitor', 'sdk']) {
    t.same(sourceOf('https://example.com/owner/name', directory), { type: 'git', url: 'git+https://example.com/owner/name.git', directory })
    t.ok(existsSync(join(project, directory, 'README.md')), directory)
    t.match(await read('tools/release/publish.ts'), `directory: '${directory}'`)
  }
})

t.test('workflows run what there is, end by themselves, and may do no more than they need', async t => {
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> }
  const names = await readdir(join(project, '.github/workflows'))
  t.same(names.sort(), ['ci.yml', 'release.yml'])
  for (const name of names) {
    const { permissions, jobs } = parse(await read(`.github/workflows/${name}`)) as Workflow
    t.same(permissions, { contents: 'read' }, `${name}: a job that needs more says so`)
    for (const [id, { 'timeout-minutes': minutes, needs = [], steps }] of Object.entries(jobs)) {
      t.ok(minutes, `${name}: ${id} ends`)
      t.same([needs].flat().filter(other => !(other in jobs)), [])
      for (const { run = '', uses = '' } of steps) {
        for (const [, script = ''] of run.matchAll(/npm run (\S+)/g)) t.ok(script in scripts, `${name}: npm run ${script}`)
        for (const [, file = ''] of run.matchAll(/bash (\S+\/\S+)/g)) t.ok(existsSync(join(project, file)), `${name}: ${file}`)
        if (uses !== '') t.match(uses, /^[\w-]+\/[\w-]+@v\d+$/, `${name}: ${uses}`)
      }
    }
  }
})

t.test('a release is made of a tag, after all checks, and only the job that publishes can say that it is the project', async t => {
  const { on, jobs: { checks, packages, image, notes } } = parse(await read('.github/workflows/release.yml')) as Workflow
  t.same(on, { push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } })
  t.same([checks, packages, image, notes].map(job => job?.permissions), [undefined, { contents: 'read', 'id-token': 'write' }, undefined, { contents: 'write' }])
  t.same([packages, image, notes].map(job => job?.needs), ['checks', 'packages', ['packages', 'image']])
  const runs = (job: typeof packages) => job?.steps.flatMap(({ run }) => run ?? []) ?? []
  t.ok(runs(checks).includes('bash .ci/run'))
  t.match(await read('.ci/run'), 'step npm run check:release')
  // No test, and no script of a package's, runs where a token of the registry's can be had.
  t.match(runs(packages), [/^npm ci --ignore-scripts$/, /^npm run release -- /])
  t.equal(runs(packages).length, 2)
})
