import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packageFile } from '../../src/package-file.js'
import { main } from '../../src/service/run.js'
import { referencePages } from './reference.js'
import type { ApiDocument } from './reference.js'

/** What `npm run docs` does before it builds the site: as files, its pages are found by the site's search. */
await main(async () => {
  const project = dirname(packageFile('tsconfig.package.json'))
  const folder = join(project, 'docs/reference')
  const document = JSON.parse(await readFile(join(project, 'openapi.json'), 'utf8')) as ApiDocument
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  for (const { name, content } of referencePages(document)) await writeFile(join(folder, `${name}.md`), `${content}\n`)
})
