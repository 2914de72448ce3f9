import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Binaries } from '../../sandbox/postgres/binaries.js'
import { openCluster } from '../../sandbox/postgres/cluster.js'
import { processExists, serverProcess } from '../../sandbox/postgres/pid-file.js'
import { enterServer } from '../../sandbox/postgres/server.js'
import { applicationName, connectionStringFor } from '../../sandbox/postgres/session.js'
import type { Closers } from './closers.js'

/** How PostgreSQL ends: SIGINT in good order, SIGQUIT and SIGKILL so that its next start recovers from its log. */
export type Ending = 'SIGINT' | 'SIGQUIT' | 'SIGKILL'

export interface Postgres {
  /** Of the application's database, as its owner. */
  connectionString: string
  /** Of the database `postgres`, as superuser. */
  adminConnectionString: string
  end (signal: Ending): Promise<void>
  /** Resolves when it accepts connections again. */
  start (): Promise<void>
  /** Ends every connection of the application. */
  endConnections (): Promise<void>
}

/**
 * A PostgreSQL of its own in a temporary directory, made of the parts of the embedded server with its durable
 * settings, but without what starts it again when it dies: that is the caller's to say.
 * @param choices programs of another version, and settings beside our own
 */
export async function startPostgres (
  closers: Closers, { binaries, settings = {} }: { binaries?: Binaries, settings?: Record<string, string> } = {}
): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-tools-'))
  closers.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  // Root's server runs as another user, who must pass this folder.
  await chmod(folder, 0o755)
  const cluster = await openCluster(folder, () => {}, binaries)
  const options = { settings, log: () => {}, signal: new AbortController().signal }
  let { session } = await enterServer(cluster, options)
  closers.add(() => session.leave())

  return {
    connectionString: connectionStringFor(cluster, session.port, applicationName, applicationName),
    adminConnectionString: connectionStringFor(cluster, session.port, 'postgres', 'postgres'),
    async end (signal) {
      const pid = await serverProcess(cluster.data)
      if (pid === undefined) return
      process.kill(pid, signal)
      while (processExists(pid)) await delay(10)
    },
    async start () {
      ({ session } = await enterServer(cluster, { ...options, port: session.port }))
    },
    async endConnections () {
      await session.client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [applicationName])
    }
  }
}
