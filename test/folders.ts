import { readdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

/**
 * `npm test`: a process for each folder that has test files, two at a time, none left out. To load the service takes
 * longer than most files' tests: a process for each of them would take twice the time. With a folder's name it is that
 * process: `npx tap --test-arg=test/workers test/folders.ts`.
 */
const project = join(import.meta.dirname, '..')
const [folder] = process.argv.slice(2)
/** Scripts of their own run these, a process a file. */
const APART = ['test/browser', 'test/other-tools', 'test/reliability']

// tap's limit is meant for one file. A folder's own is that of the whole run: tap takes the last that it is told for both.
t.setTimeout(3_600_000)
await (folder === undefined ? startFolders() : runFolder(join(project, folder)))

async function startFolders (): Promise<void> {
  t.jobs = 2
  const env = { ...process.env, TEST_RUN: String(process.ppid) }
  await Promise.all(testFolders().filter(name => !APART.includes(name)).map(name =>
    t.spawn(process.execPath, [...process.execArgv, import.meta.filename, name], { buffered: true, cwd: project, env }, name)))
}

function testFolders (): string[] {
  const files = ['test', 'packages'].flatMap(top => readdirSync(join(project, top), { recursive: true, encoding: 'utf8' }).map(file => join(top, file)))
    .filter(file => file.endsWith('.test.ts') && !file.includes(`node_modules${sep}`))
  return [...new Set(files.map(file => dirname(file).replaceAll(sep, '/')))].sort()
}

/** Runs its files in this process, one after the other. */
async function runFolder (path: string): Promise<void> {
  for (const file of (await readdir(path)).filter(name => name.endsWith('.test.ts')).sort()) {
    // A file's tests stand in line behind this one, and the next file behind them.
    await t.test(`${folder}/${file} loads`, async () => { await import(pathToFileURL(join(path, file)).href) })
  }
}
