import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { main } from '../../src/service/run.js'
import { project } from './build.js'
import { withDatabases } from './databases.js'
import { tryExample } from './example.js'
import { packPackage } from './pack.js'

/**
 * `npm run check:examples`: every app of examples/ is installed in a folder of its own with the packed package, compiled,
 * tested on a real PostgreSQL, and started.
 */
const examples = join(project, 'examples')

await main(async () => {
  const { tarball } = await packPackage()
  try {
    await withDatabases(async makeDatabase => {
      for (const name of await readdir(examples)) {
        const did = await tryExample(join(examples, name), tarball, use => makeDatabase(`${name.replaceAll('-', '_')}_${use}`))
        console.log(`${name}: ${did.join(', ')}`)
      }
    })
  } finally {
    await rm(tarball)
  }
})
