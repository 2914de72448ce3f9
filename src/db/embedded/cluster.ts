import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readFile, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Binaries } from './binaries.js'
import { describe, run } from './run.js'
import type { Account } from './run.js'

/** Where things are. Everything lies in `<dataDir>/postgres`; nothing else of `dataDir` is touched. */
export interface ClusterPaths {
  /** As the caller named it, for messages. */
  dataDir: string
  root: string
  data: string
  password: string
  lease: string
}

const temporary = 'init-'

/**
 * Makes the folder of the embedded server if it is missing.
 *
 * @throws when it cannot be made, cannot be written, or belongs to another user
 */
export async function prepareFolder (dataDir: string): Promise<ClusterPaths> {
  let root = join(resolve(dataDir), 'postgres')
  try {
    // Others must be able to pass this folder when the server runs as another user; they see nothing inside `root`.
    await mkdir(resolve(dataDir), { recursive: true })
    await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error })
    const uid = process.geteuid?.()
    const owner = (await stat(root)).uid
    if (uid !== undefined && uid !== 0 && owner !== uid) throw new Error(`it was made by another user (uid ${owner}), this one is ${uid}`)
    root = await realpath(root)
    const trial = join(root, `.trial-${randomBytes(6).toString('hex')}`)
    await mkdir(trial)
    await rm(trial, { recursive: true })
  } catch (cause) {
    throw new Error(`The data directory ${dataDir} cannot be used: ${(cause as Error).message}. ` +
      'Set DATA_DIR to a directory that this user can write, or set DATABASE_URL.', { cause })
  }
  return { dataDir, root, data: join(root, 'data'), password: join(root, 'password'), lease: join(root, 'owner.json') }
}

/**
 * Makes the database cluster unless it is there. The caller owns the directory.
 *
 * @returns the superuser's password
 * @throws when the cluster is of another major version, incomplete, or cannot be made
 */
export async function ensureCluster (
  paths: ClusterPaths, binaries: Binaries, account: Account, version: string, log: (message: string) => void
): Promise<string> {
  // What an earlier process left when it was interrupted: never complete, so never used.
  for (const name of await readdir(paths.root)) {
    // Its initdb may still be writing. What cannot be removed now does no harm.
    if (name.startsWith(temporary)) await rm(join(paths.root, name), { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
  }
  const exists = await stat(paths.data).then(() => true, () => false)
  if (exists) {
    await checkVersion(paths, version)
    return await readPassword(paths)
  }
  log('initialising the database; this happens once and takes a few seconds at most')
  const password = await makePassword(paths)
  const folder = join(paths.root, temporary + randomBytes(6).toString('hex'))
  try {
    const outcome = await run(account, binaries.initdb, [
      `--pgdata=${folder}`, `--pwfile=${paths.password}`, '--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8',
      // The same order and case rules on every platform, whatever its libc has.
      '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'
    ], paths.root)
    if (outcome.code !== 0) throw new Error(`The database in ${paths.dataDir} could not be initialised: ${describe(outcome)}`)
    await rename(folder, paths.data)
    await syncFolder(paths.root)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
  return password
}

async function checkVersion (paths: ClusterPaths, version: string): Promise<void> {
  const found = (await readFile(join(paths.data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (found === '') {
    throw new Error(`The folder ${paths.data} holds no complete PostgreSQL database: its file PG_VERSION is missing. ` +
      'Restore it, or remove the folder to begin with an empty database.')
  }
  const needed = /\d+/.exec(version)?.[0] ?? version
  if (found === needed) return
  throw new Error(`The data directory ${paths.dataDir} was made by PostgreSQL ${found}, but the embedded server is PostgreSQL ${needed}. ` +
    'Dump it with the old version and load it into a new directory, or choose another DATA_DIR.')
}

async function readPassword (paths: ClusterPaths): Promise<string> {
  const password = (await readFile(paths.password, 'utf8').catch(() => '')).trim()
  if (password !== '') return password
  throw new Error(`The data directory ${paths.dataDir} has a database but not its password (${paths.password}). Restore that file.`)
}

/** The password is complete on disk before the cluster that needs it, so an interruption leaves no cluster without one. */
async function makePassword (paths: ClusterPaths): Promise<string> {
  const password = randomBytes(24).toString('base64url')
  const draft = join(paths.root, `${temporary}password`)
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(password + '\n')
    await file.sync()
  } finally {
    await file.close()
  }
  // initdb reads it as the account that the server runs as, which owns `root`.
  const { uid, gid } = await stat(paths.root)
  if (process.geteuid?.() === 0) await chown(draft, uid, gid)
  await rename(draft, paths.password)
  return password
}

/** Makes a rename in `folder` survive a power failure. Windows cannot open a folder, and needs no such thing. */
async function syncFolder (folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
