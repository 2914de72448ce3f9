import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { main } from '../../src/service/run.js'
import { project } from '../package/build.js'
import { run } from '../package/run-program.js'
import { followVersion, projectVersion } from './packages.js'

/**
 * `npm run release:version`: makes the next version of what the files in `.changeset` say: its number everywhere, its
 * section of the changelog, its document and its database, which later versions are held against. Commits nothing.
 */
await main(async () => {
  const before = await projectVersion()
  await run('npx', ['--no-install', 'changeset', 'version'], project)
  const version = await projectVersion()
  if (version === before) throw new Error('There is no changeset, so nothing to release: `npx changeset` writes one.')
  await followVersion(version)
  await run('npm', ['run', 'generate'], project)
  await copyFile(join(project, 'openapi.json'), join(project, 'docs/openapi-released.json'))
  await run('npm', ['run', 'release:freeze'], project, { FREEZE_RELEASE: version })
  console.log(`${version} is prepared. Look at it (git diff), and commit it as "chore(release): ${version}"; the tag v${version} releases it.`)
})
