import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ClusterPaths } from './cluster.js'
import { superuserClient, tryOwnerLock } from './connection.js'
import { processExists } from './lease.js'

const exec = promisify(execFile)

/**
 * What a server that runs on this directory says of its owner: `owned` or `orphaned`;
 * `silent` when none answers (there is none, it starts, it stops).
 */
export async function askServer (paths: ClusterPaths): Promise<'owned' | 'orphaned' | 'silent'> {
  const found = await readPidFile(paths.data)
  const password = (await readFile(paths.password, 'utf8').catch(() => '')).trim()
  if (found?.port === undefined) return 'silent'
  const client = superuserClient({ port: found.port, password })
  try {
    await client.connect()
    return await tryOwnerLock(client) ? 'orphaned' : 'owned'
  } catch {
    // Also when the port is another server's by now: the password of this directory fits no other.
    return 'silent'
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Ends the server that a killed process left behind. The caller holds the lease.
 *
 * @throws when the server has another owner after all, or does not end within two minutes
 */
export async function retireOrphan (paths: ClusterPaths, log: (message: string) => void): Promise<void> {
  const start = performance.now()
  let signalled = 0
  for (;;) {
    await removeForeignPidFile(paths.data)
    const found = await readPidFile(paths.data)
    if (found === undefined || !processExists(found.pid)) return
    const age = performance.now() - start
    if (age > 120_000) {
      throw new Error(`A PostgreSQL server (process ${found.pid}) still uses the data directory ${paths.dataDir} and does not end. Stop it first.`)
    }
    // A silent one is starting or stopping; after 30 seconds of that it is ended too.
    const state = signalled === 0 ? await askServer(paths) : 'silent'
    if (state === 'owned') throw inUse(paths)
    if (signalled === 0 && (state === 'orphaned' || age > 30_000)) {
      log(`stopping the database server that an earlier process left behind (process ${found.pid})`)
      signal(found.pid, 'SIGINT')
      signalled = age
    } else if (signalled > 0 && age - signalled > 30_000) {
      signal(found.pid, 'SIGQUIT')
    }
    await delay(50)
  }
}

export function inUse (paths: ClusterPaths): Error {
  return new Error(`The data directory ${paths.dataDir} is in use by another fastify-affitor process. ` +
    'Stop it, or set DATABASE_URL so that both use one server.')
}

/**
 * Removes `postmaster.pid` when its process is certainly not a server of this directory.
 * PostgreSQL itself discards the file of a dead process, but refuses to start when the id now
 * belongs to another process of the same user, as it does after a restart in a container.
 */
export async function removeForeignPidFile (data: string): Promise<void> {
  const found = await readPidFile(data)
  if (found === undefined || !processExists(found.pid)) return
  const command = await commandOf(found.pid)
  if (command !== undefined && !command.includes(data)) await rm(join(data, 'postmaster.pid'), { force: true })
}

/** Process and port of the server that runs on this directory, or ran there when it was killed. */
export async function readPidFile (data: string): Promise<{ pid: number, port?: number } | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Math.abs(Number(lines[0]))
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid === 0) return undefined
  return port > 0 ? { pid, port } : { pid }
}

/** The command line of a process, or undefined when this platform does not tell. */
async function commandOf (pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'win32') return undefined
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ')
    return (await exec('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout
  } catch {
    return undefined
  }
}

function signal (pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
