import { readFileSync, readlinkSync } from 'node:fs'
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from './cluster.js'

// PostgreSQL refuses a second server on the same data, but sees only those of its own machine and container. A folder
// may be shared by more, such as a container and its host. So who uses a server keeps touching a file that says where.

const BEAT_MS = 1_000
/** How long another machine's file is watched for its being touched, in milliseconds. */
const PATIENCE_MS = 5_000

const fileOf = ({ root }: Cluster) => join(root, 'machine')

/**
 * Says that the server of a cluster runs here.
 * @throws when it runs on another machine
 */
export async function claimForThisMachine (cluster: Cluster, log: (message: string) => void): Promise<void> {
  const file = fileOf(cluster)
  const touched = async () => await stat(file).then(({ mtimeMs }) => mtimeMs, () => 0)
  if ((await readFile(file, 'utf8').catch(() => '') || here) !== here) {
    log(`the data directory was last used on another machine or in another container; looking for ${PATIENCE_MS / 1000} s whether it still is`)
    const first = await touched()
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await delay(BEAT_MS / 4)) {
      if (await touched() === first) continue
      throw new Error(`The data directory ${cluster.dataDir} is in use on another machine or in another container. ` +
        'Stop what uses it there, choose another DATA_DIR, or set DATABASE_URL.')
    }
  }
  // Anew: the old one may belong to another user, such as root.
  await forgetMachine(cluster)
  await writeFile(file, here)
}

/** Touches the file until told otherwise. */
export function keepTouching (cluster: Cluster): () => void {
  const timer = setInterval(() => { utimes(fileOf(cluster), new Date(), new Date()).catch(() => {}) }, BEAT_MS)
  return () => clearInterval(timer)
}

/** The server has ended. */
export async function forgetMachine (cluster: Cluster): Promise<void> {
  await rm(fileOf(cluster), { force: true })
}

/** Two processes with the same value see each other's processes and memory. */
const here = process.platform === 'linux'
  ? `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`
  : hostname()
