import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/** Scripts of their own run these, a process a file. */
const APART = ['browser', 'reliability']

t.test('npm test leaves no folder out', async t => {
  const runner = readFileSync(join(import.meta.dirname, 'users', 'all.ts'), 'utf8')
  for (const folder of readdirSync(import.meta.dirname, { withFileTypes: true })) {
    const files = folder.isDirectory() ? readdirSync(join(import.meta.dirname, folder.name)) : []
    if (APART.includes(folder.name) || !files.some(file => file.endsWith('.test.ts'))) continue
    t.ok(files.includes('all.ts'), `test/${folder.name} has its all.ts`)
    t.equal(readFileSync(join(import.meta.dirname, folder.name, 'all.ts'), 'utf8'), runner)
  }
})
