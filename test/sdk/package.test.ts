import { execFile } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import ts from 'typescript'

/** A project that has the SDK installed, and these files. */
async function projectWith (t: Test, files: Record<string, string>): Promise<string> {
  const folder = t.testdir({})
  await mkdir(join(folder, 'node_modules'))
  await symlink(resolve('sdk'), join(folder, 'node_modules/fastify-affitor-client'), 'dir')
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  return folder
}

t.test('require gives what import gives', async t => {
  const folder = await projectWith(t, {
    'both.cjs': `
      const required = require('fastify-affitor-client')
      import('fastify-affitor-client').then(imported => console.log(Object.keys(imported).sort().map(name => [name, imported[name] === required[name]]).join(' ')))`
  })
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'both.cjs')], { env: {} })
  const exported = stdout.trim().split(' ')
  t.same(exported.filter(name => !name.endsWith(',true')), [])
  for (const name of ['AffitorServiceError', 'ConflictError', 'ConnectionError', 'createClient']) t.ok(exported.includes(`${name},true`), name)
})

t.test('its types are found and told apart from CommonJS and from ES modules', async t => {
  const program = `
    import { createClient, NotFoundError } from 'fastify-affitor-client'
    import type { Schemas } from 'fastify-affitor-client'
    export async function stateOf (id: number): Promise<Schemas['TrackingState'] | undefined> {
      return await createClient({ baseUrl: '' }).getTrackingEvent({ id }).then(({ state }) => state, (error: unknown) => {
        if (error instanceof NotFoundError && (error as NotFoundError).code === 'NOT_FOUND') return undefined
        throw error
      })
    }`
  const wrong = "import { createClient } from 'fastify-affitor-client'\nvoid createClient({ baseUrl: '' }).getTrackingEvent({ id: 'seven' })\n"
  const folder = await projectWith(t, { 'right.cts': program, 'right.mts': program, 'wrong.cts': wrong, 'wrong.mts': wrong })
  const compiled = ts.createProgram(['right.cts', 'right.mts', 'wrong.cts', 'wrong.mts'].map(name => join(folder, name)), {
    noEmit: true, strict: true, module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], types: []
  })
  const problems = ts.getPreEmitDiagnostics(compiled).map(({ file, messageText }) => `${file?.fileName.split('/').at(-1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
  t.match(problems, [/^wrong\.cts: .*'string' is not assignable to type 'number'/, /^wrong\.mts: .*'string' is not assignable to type 'number'/])
  t.equal(problems.length, 2, problems.join('\n'))
})
