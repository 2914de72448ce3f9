import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { platformPackage, programsIn } from '../../sandbox/postgres/binaries.js'
import { main } from '../../src/service/run.js'
import { Closers } from '../harness/closers.js'
import { startPostgres } from '../harness/postgres.js'
import { installApart, newestOf } from './install.js'
import { closeWhenInterrupted, project, runFiles } from './programs.js'

/**
 * `npm run test:postgres -- 14`: the tests that ask the most of PostgreSQL, on another version of it than the embedded
 * one, which is the newest.
 */
const FOLDERS = ['test/db', 'test/ledger']
const FILES = ['test/journey.test.ts']

await main(async () => {
  const major = Number(process.argv[2])
  if (!Number.isSafeInteger(major)) throw new Error('Usage: npm run test:postgres -- MAJOR, such as 14')
  const closers = new Closers()
  closeWhenInterrupted(closers)
  try {
    const name = platformPackage()
    const version = await newestOf(name, major)
    const server = await startPostgres(closers, {
      binaries: await programsIn(await installApart(`${name}@${version}`, closers)),
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
    })
    console.log(`PostgreSQL ${version}`)
    const files = FOLDERS.flatMap(folder => readdirSync(join(project, folder)).filter(file => file.endsWith('.test.ts')).sort().map(file => `${folder}/${file}`))
    process.exitCode = await runFiles(process.execPath, [...files, ...FILES], { TEST_DATABASE_URL: server.adminConnectionString }) ? 0 : 1
  } finally {
    await closers.close()
  }
})
