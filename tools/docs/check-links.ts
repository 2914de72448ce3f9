import { dirname, join } from 'node:path'
import { packageFile } from '../../src/package-file.js'
import { main } from '../../src/service/run.js'
import { deadLinks, emptyPages } from './links.js'

/** What `npm run docs` does after it has built the site. */
await main(async () => {
  const site = join(dirname(packageFile('tsconfig.package.json')), 'docs/.vitepress/dist')
  const empty = await emptyPages(site)
  if (empty.length > 0) throw new Error(`These pages of the site have no text:\n${empty.map(name => `  ${name}`).join('\n')}`)
  const dead = await deadLinks(site, process.env.DOCS_BASE)
  if (dead.length > 0) throw new Error(`These links of the site lead nowhere:\n${dead.map(line => `  ${line}`).join('\n')}`)
  console.log('Every link of the site leads somewhere.')
})
