import { setTimeout as delay } from 'node:timers/promises'
import { openCluster } from './cluster.js'
import { keepTouching } from './machine.js'
import { enterServer } from './server.js'
import { applicationName, connectionStringFor } from './session.js'

export interface EmbeddedPostgresOptions {
  /** The directory of the data; made if missing. The server uses only its folder `postgres`. */
  dataDir: string
  /** Called with one line for each thing a person may want to know. */
  log?: (message: string) => void
  /** PostgreSQL settings beside our own, such as `{ fsync: 'off' }` for tests. They count if this call starts the server. */
  settings?: Record<string, string>
}

export interface EmbeddedPostgres {
  /** Of the database `affitor`, as its owner. */
  connectionString: string
  /** Of the database `postgres`, as superuser. The application has no use for it. */
  adminConnectionString: string
  /** Ends this use of the server. The last one ends the server in good order and waits for it, 30 seconds at worst. */
  stop (): Promise<void>
}

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 10_000

/**
 * Uses the PostgreSQL server of a data directory: the one that runs there, or one that is started, on a database that
 * is made first if the directory is new. It listens on a port of 127.0.0.1 that stays the same while it is free.
 *
 * Any number of processes may use one directory, and none of them owns the server:
 * - Each holds an advisory lock in the server, shared, for as long as it lives. Who stops tries to get it alone, which
 *   succeeds if nobody else holds it, and then ends the server. So the server outlives who started it while it is used.
 * - A process that is killed leaves its server as it is, and the next one to start uses it.
 * - When the server dies, each user starts it again on the same port: PostgreSQL lets one of them succeed, and the
 *   others enter its server. First after 0.1 s, then twice as long each time it dies again within 10 s, at most 10 s.
 *
 * @throws when the programs are not installed or do not run, when the directory cannot be used or is in use on another
 * machine, and when the server does not start (with its own message)
 */
export async function startEmbeddedPostgres ({ dataDir, log = () => {}, settings = {} }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const cluster = await openCluster(dataDir, log)
  const stopping = new AbortController()
  const { signal } = stopping
  let { session, postmaster } = await enterServer(cluster, { settings, log, signal })
  const { port } = session
  const stopTouching = keepTouching(cluster)

  const keeping = (async () => {
    const aborted = new Promise<void>(resolve => { signal.addEventListener('abort', () => resolve()) })
    for (let wait = FIRST_DELAY_MS; ;) {
      const since = performance.now()
      await Promise.race([session.ended, aborted])
      if (signal.aborted) return
      if (performance.now() - since > LONGEST_DELAY_MS) wait = FIRST_DELAY_MS
      log(`the database server ended unexpectedly; starting it again in ${wait / 1000} s, unless another process does`)
      await delay(wait, undefined, { signal }).catch(() => {})
      wait = Math.min(2 * wait, LONGEST_DELAY_MS)
      try {
        const entered = await enterServer(cluster, { settings, log, signal, port })
        session = entered.session
        postmaster = entered.postmaster ?? postmaster
        log('the database server runs again')
      } catch (error) {
        if (!signal.aborted) log((error as Error).message)
      }
    }
  })()

  let left: Promise<void> | undefined
  async function leave (): Promise<void> {
    stopping.abort()
    await keeping
    stopTouching()
    await session.leave()
    postmaster?.letGo()
  }

  return {
    connectionString: connectionStringFor(cluster, port, applicationName, applicationName),
    adminConnectionString: connectionStringFor(cluster, port, 'postgres', 'postgres'),
    async stop () { await (left ??= leave()) }
  }
}
