import { dirname, join } from 'node:path'
import { packageFile } from '../../src/package-file.js'
import { main } from '../../src/service/run.js'
import { deadLinks } from './links.js'

/** What `npm run docs` does after it has built the site. */
await main(async () => {
  const dead = await deadLinks(join(dirname(packageFile('tsconfig.package.json')), 'docs/.vitepress/dist'), process.env.DOCS_BASE)
  if (dead.length > 0) throw new Error(`These links of the site lead nowhere:\n${dead.map(line => `  ${line}`).join('\n')}`)
  console.log('Every link of the site leads somewhere.')
})
