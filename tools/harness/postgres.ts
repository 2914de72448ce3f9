import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../../sandbox/free-ports.js'
import { chooseAccount } from '../../src/db/embedded/account.js'
import { findBinaries } from '../../src/db/embedded/binaries.js'
import { ensureCluster, prepareFolder } from '../../src/db/embedded/cluster.js'
import { applicationName, connectionStringFor, ensureDatabase } from '../../src/db/embedded/connection.js'
import { startPostmaster } from '../../src/db/embedded/postmaster.js'
import type { Postmaster } from '../../src/db/embedded/postmaster.js'
import type { Closers } from './closers.js'
import { withClient } from './databases.js'

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

const RESTART_PATIENCE_MS = 30_000

/**
 * A PostgreSQL of its own in a temporary directory, made of the parts of the embedded server with its durable
 * settings, but without the supervisor: when it starts again is the caller's to say.
 */
export async function startPostgres (closers: Closers): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-tools-'))
  closers.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  // Root's server runs as another user, who must pass this folder.
  await chmod(folder, 0o755)
  const binaries = await findBinaries()
  const paths = await prepareFolder(folder)
  const { account, version } = await chooseAccount(binaries, paths.root)
  const password = await ensureCluster(paths, binaries, account, version, () => {})
  const [port = 0] = await freePorts(1)
  const address = { port, password }
  const launch = () => startPostmaster({ binaries, account, root: paths.root, data: paths.data, address, settings: {}, log: () => {} })
  let current = launch()
  closers.add(() => current.stop())
  await current.ready()
  await ensureDatabase(address, applicationName)
  const adminConnectionString = connectionStringFor(address, 'postgres', 'postgres')

  return {
    connectionString: connectionStringFor(address, applicationName, applicationName),
    adminConnectionString,
    async end (signal) {
      current.signal(signal)
      await current.exited
    },
    async start () { current = await untilReady(launch) },
    async endConnections () {
      await withClient(adminConnectionString, client =>
        client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [applicationName]))
    }
  }
}

/** After a SIGKILL the server's own children still hold its memory for a moment, and it refuses to start. */
async function untilReady (launch: () => Postmaster): Promise<Postmaster> {
  for (const end = performance.now() + RESTART_PATIENCE_MS; ; await delay(50)) {
    const candidate = launch()
    try {
      await candidate.ready()
      return candidate
    } catch (error) {
      await candidate.stop()
      if (performance.now() > end) throw error
    }
  }
}
