import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from './cluster.js'
import { claimForThisMachine } from './machine.js'
import { endServer, lastPort, removeForeignPidFile } from './pid-file.js'
import { startPostmaster } from './postmaster.js'
import type { Postmaster } from './postmaster.js'
import { enter } from './session.js'
import type { Session } from './session.js'

export interface ServerOptions {
  settings: Record<string, string>
  log: (message: string) => void
  /** Ends the attempt. */
  signal: AbortSignal
  /** The only port that will do; without it the last one, or a free one. */
  port?: number
}

/** What gives no sensible answer for so long neither starts nor stops, in milliseconds. */
const PATIENCE_MS = 60_000

/** Another server has the data; or had them, and its processes are not all gone. */
const ANOTHER = /lock file .* (already exists|is empty)|pre-existing shared memory block/
const PORT_TAKEN = /could not create any TCP\/IP sockets/

/**
 * Enters the server that runs on a cluster, or starts one: until one of them works. Whether one runs is PostgreSQL's
 * to decide: it refuses to run twice on the same data, and then this process enters the server that was there first.
 *
 * @returns the session, and the server process if this process has started it
 * @throws in the server's own words when it does not start
 */
export async function enterServer (cluster: Cluster, options: ServerOptions): Promise<{ session: Session, postmaster?: Postmaster | undefined }> {
  const { settings, log, signal } = options
  const begin = performance.now()
  let nextWord = begin + 10_000
  let port = options.port ?? await lastPort(cluster.data) ?? await freePort()
  let postmaster: Postmaster | undefined
  let ports = 1
  try {
    for (;; await delay(25, undefined, { signal })) {
      const answer = await enter(cluster, port)
      if ('leave' in answer) return { session: answer, postmaster }
      const end = postmaster?.ended()
      const reason = end?.words ?? answer.reason
      if (!answer.isBusy && performance.now() - begin > PATIENCE_MS) {
        throw new Error(`A database server runs on ${cluster.data}, but cannot be used: ${reason}. Stop it, or choose another DATA_DIR.`)
      }
      if (performance.now() > nextWord) {
        log(`waiting for the database server (${reason}); after a crash it first recovers from its log`)
        nextWord += 10_000
      }
      if (postmaster === undefined && !answer.isBusy) {
        await claimForThisMachine(cluster, log)
        await removeForeignPidFile(cluster.data)
        postmaster = startPostmaster(cluster, port, settings, log)
      } else if (end !== undefined) {
        postmaster = undefined
        // Killed, or ended by another process that used it before this one could.
        if (!end.isFailure) continue
        if (ANOTHER.test(end.words)) port = options.port ?? await lastPort(cluster.data) ?? port
        else if (PORT_TAKEN.test(end.words) && options.port === undefined && ports++ < 5) port = await freePort()
        else throw new Error(`The database server did not start: ${end.words}. To begin with an empty database, remove ${cluster.root}.`)
      }
    }
  } catch (error) {
    if (postmaster?.pid !== undefined && postmaster.ended() === undefined) await endServer(cluster.data, postmaster.pid)
    throw error
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
