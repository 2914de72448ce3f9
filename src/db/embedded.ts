import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { chooseAccount } from './embedded/account.js'
import { findBinaries } from './embedded/binaries.js'
import { ensureCluster, prepareFolder } from './embedded/cluster.js'
import { applicationName, connectionStringFor, ensureDatabase, holdOwnerLock } from './embedded/connection.js'
import type { Address } from './embedded/connection.js'
import { takeLease } from './embedded/lease.js'
import { askServer, inUse, removeForeignPidFile, retireOrphan } from './embedded/orphan.js'
import { startPostmaster } from './embedded/postmaster.js'
import type { Postmaster, ServerOptions } from './embedded/postmaster.js'
import { supervise } from './embedded/supervisor.js'
import type { Supervisor } from './embedded/supervisor.js'

export interface EmbeddedPostgresOptions {
  /** The directory of the data; made if missing. The server uses only its folder `postgres`. */
  dataDir: string
  /** Called with one line for each thing a person may want to know. */
  log?: (message: string) => void
  /** PostgreSQL settings beside our own, such as `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  /** Of the database `affitor`, as its owner. */
  connectionString: string
  /** Of the database `postgres`, as superuser. The application has no use for it. */
  adminConnectionString: string
  /** Ends the server in good order and waits for it, 30 seconds or a little more at worst. May be called again. */
  stop (): Promise<void>
}

/**
 * Starts a PostgreSQL server of our own on a data directory, which is initialised first if it is
 * new, and keeps it running until stopped. It listens on a free port of 127.0.0.1.
 *
 * A server left behind by a process that was killed is ended first. One process at a time may
 * use a directory; see `takeLease` for how that is decided.
 *
 * @throws when the programs are not installed or do not run, when the directory cannot be used,
 * is in use by a live process, or was made by another major version, and when the server does
 * not start (with its own message)
 */
export async function startEmbeddedPostgres (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, settings = {}, log = () => {} } = options
  const binaries = await findBinaries()
  const paths = await prepareFolder(dataDir)
  const { account, version } = await chooseAccount(binaries, paths.root)

  let supervisor: Supervisor | undefined
  const lease = await takeLease(paths.lease, {
    log,
    serverHasOwner: async () => await askServer(paths) === 'owned',
    onLost () {
      log(`another process took over the data directory ${dataDir} while this one stood still; ending the database server`)
      supervisor?.signal('SIGQUIT')
      stop().catch((error: Error) => log(error.message))
    }
  })
  if (lease === undefined) throw inUse(paths)

  const closers: Array<() => Promise<void>> = [() => lease.release()]
  let stopped: Promise<void> | undefined
  function stop (): Promise<void> {
    stopped ??= (async () => {
      for (const close of closers.reverse()) await close()
    })()
    return stopped
  }

  try {
    await retireOrphan(paths, log)
    const password = await ensureCluster(paths, binaries, account, version, log)
    const { root, data } = paths
    const server: Omit<ServerOptions, 'address'> = { binaries, account, root, data, settings, log }
    const { first, address } = await startOnFreePort(server, password)
    supervisor = supervise(first, async () => {
      await removeForeignPidFile(data)
      return startPostmaster({ ...server, address })
    }, log)
    closers.push(supervisor.stop)
    const lock = holdOwnerLock(address)
    closers.push(lock.release)
    await lock.held
    await ensureDatabase(address, applicationName)
    return {
      connectionString: connectionStringFor(address, applicationName, applicationName),
      adminConnectionString: connectionStringFor(address, 'postgres', 'postgres'),
      stop
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Another process may take the port between our choice and the server's start: then another one. */
async function startOnFreePort (
  server: Omit<ServerOptions, 'address'>, password: string
): Promise<{ first: Postmaster, address: Address }> {
  for (let attempt = 1; ; attempt++) {
    const address = { port: await freePort(), password }
    const first = startPostmaster({ ...server, address })
    try {
      await first.ready()
      return { first, address }
    } catch (error) {
      await first.stop()
      if (attempt === 5 || !(error as Error).message.includes('could not create any TCP/IP sockets')) throw error
    }
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
