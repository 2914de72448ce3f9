import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { main } from '../../src/service/run.js'
import { project } from './build.js'
import { withDatabases } from './databases.js'
import { tryExample } from './example.js'
import { followPage } from './follow.js'
import { packPackage } from './pack.js'

/**
 * `npm run check:examples`: every app of examples/ is installed in a folder of its own with the packed package, compiled,
 * tested on a real PostgreSQL, and started. Then the pages that lead from an empty app to a lead are followed to the letter.
 * With names (`-- llms.txt`) only these.
 */
const examples = join(project, 'examples')
const PAGES = ['llms.txt', 'docs/guide.md']
const only = process.argv.slice(2)
const isWanted = (name: string) => only.length === 0 || only.includes(name)

await main(async () => {
  const { tarball } = await packPackage()
  try {
    await withDatabases(async makeDatabase => {
      for (const name of (await readdir(examples)).filter(isWanted)) {
        const did = await tryExample(join(examples, name), tarball, use => makeDatabase(`${name.replaceAll('-', '_')}_${use}`))
        console.log(`${name}: ${did.join(', ')}`)
      }
      for (const page of PAGES.filter(isWanted)) {
        const did = await followPage(join(project, page), tarball, use => makeDatabase(`${page.replace(/\W/g, '_')}_${use}`))
        console.log(`${page}: ${did.join(', ')}`)
      }
    })
  } finally {
    await rm(tarball)
  }
})
