import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../sandbox/postgres/index.js'
import { inDatabase, withClient } from '../harness/databases.js'

/** Makes an empty database, which its user owns. Resolves to its address. */
export type MakeDatabase = (name: string) => Promise<string>

/** Works with a PostgreSQL server that is there for this alone. */
export async function withDatabases<T> (work: (makeDatabase: MakeDatabase) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-databases-'))
  try {
    // Root's server runs as another user, who must pass this folder.
    await chmod(folder, 0o755)
    const { connectionString, adminConnectionString, stop } = await startEmbeddedPostgres({ dataDir: folder, settings: { fsync: 'off' } })
    const owner = new URL(connectionString).username
    try {
      return await work(async name => {
        await withClient(adminConnectionString, client => client.query(`create database ${name} owner ${owner}`))
        return inDatabase(connectionString, name)
      })
    } finally {
      await stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
