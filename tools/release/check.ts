import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/service/run.js'
import { project, readJson } from '../package/build.js'
import { run } from '../package/run-program.js'
import { notesOf } from './packages.js'

/**
 * `npm run check:release`: makes a release of the project as it is, as a maintainer and then the workflow do, in a copy:
 * a change is written down, the version is made of it, and both packages are published but for the upload.
 */
const WHAT = 'Partners are paid in cocoa.'

await main(async () => {
  const copy = await copyOfProject()
  try {
    const { name, version: before } = await readJson<{ name: string, version: string }>(join(project, 'package.json'))
    await writeFile(join(copy, '.changeset/try.md'), `---\n"${name}": minor\n---\n\n${WHAT}\n`)
    console.log(await run('npm', ['run', '--silent', 'release:version'], copy))
    const { version } = await readJson<{ version: string }>(join(copy, 'package.json'))
    const notes = notesOf(await readFile(join(copy, 'CHANGELOG.md'), 'utf8'), version)
    if (version === before || !notes.includes(WHAT)) throw new Error(`The changelog says of ${version}: ${notes}`)
    await run('npm', ['run', 'generate', '--', '--check'], copy)
    console.log(await run('npm', ['run', '--silent', 'release', '--', '--dry-run', '--repository', 'https://github.com/example/fastify-affitor'], copy))
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
})

/** What is in the working tree, committed or not, as a repository of its own. */
async function copyOfProject (): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'fastify-affitor-release-'))
  const files = (await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], project)).split('\0').filter(name => name !== '')
  for (const name of files) await cp(join(project, name), join(copy, name), { verbatimSymlinks: true })
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'))
  await run('git', ['init', '--quiet', '--initial-branch=main'], copy)
  await run('git', ['add', '--all'], copy)
  await run('git', ['-c', 'user.name=check', '-c', 'user.email=check@example.com', 'commit', '--quiet', '--message=as it is'], copy)
  return copy
}
