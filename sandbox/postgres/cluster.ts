import { randomBytes } from 'node:crypto'
import { access, chown, constants, mkdir, open, readFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chooseAccount } from './account.js'
import { findBinaries } from './binaries.js'
import type { Binaries } from './binaries.js'
import { run } from './run.js'
import type { Account } from './run.js'

/** A database cluster on disk, and what is needed to run it. Everything lies in `<dataDir>/postgres`. */
export interface Cluster {
  /** As the caller named it, for messages. */
  dataDir: string
  root: string
  data: string
  /** The superuser's. */
  password: string
  /** PostgreSQL's server program, and as whom it runs. */
  postgres: string
  account: Account
}

const temporary = 'init-'

/**
 * Opens the cluster of a directory, which is made if it is missing. Any number of processes may do so at once: each
 * makes one under another name and renames it to its place, and the first one stays.
 *
 * @throws when the programs do not run, or the directory cannot be used
 */
export async function openCluster (dataDir: string, log: (message: string) => void, binaries?: Binaries): Promise<Cluster> {
  const { postgres, initdb } = binaries ?? await findBinaries()
  const root = await prepareFolder(dataDir)
  const account = await chooseAccount(postgres, root)
  const data = join(root, 'data')
  if (!await exists(data)) {
    log('initialising the database; this happens once and takes a few seconds at most')
    const draft = join(root, temporary + randomBytes(6).toString('hex'))
    try {
      await initialise(initdb, account, root, draft)
      await rename(draft, data)
      await sync(root)
    } catch (cause) {
      await remove(draft)
      if (!await exists(data)) throw new Error(`The database in ${dataDir} could not be initialised: ${(cause as Error).message}`, { cause })
    }
  }
  // Left by a killed process, or made by one that is slower than this one, and will find the cluster there.
  for (const name of await readdir(root)) if (name.startsWith(temporary)) await remove(join(root, name))
  return { dataDir, root, data, password: await readPassword(root, data), postgres, account }
}

/** Makes the folder of the server if it is missing. */
async function prepareFolder (dataDir: string): Promise<string> {
  const root = join(resolve(dataDir), 'postgres')
  try {
    // Others must be able to pass this folder when the server runs as another user; they see nothing inside `root`.
    await mkdir(resolve(dataDir), { recursive: true })
    await mkdir(root, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error })
    const uid = process.geteuid?.()
    const owner = (await stat(root)).uid
    if (uid !== undefined && uid !== 0 && owner !== uid) throw new Error(`it was made by another user (uid ${owner}), this one is ${uid}`)
    await access(root, constants.W_OK)
    return await realpath(root)
  } catch (cause) {
    throw new Error(`The data directory ${dataDir} cannot be used: ${(cause as Error).message}. ` +
      'Set DATA_DIR to a directory that this user can write, or set DATABASE_URL.', { cause })
  }
}

/** Makes a cluster that is complete on disk, with its password in it. */
async function initialise (initdb: string, account: Account, root: string, folder: string): Promise<void> {
  const pwfile = `${folder}.password`
  await writeFile(pwfile, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
  // initdb reads it as the account that the server runs as, which owns `root`.
  const { uid, gid } = await stat(root)
  if (process.geteuid?.() === 0) await chown(pwfile, uid, gid)
  const [, version = ''] = / (\d+)/.exec(await run(account, initdb, ['--version'], root)) ?? []
  await run(account, initdb, [
    `--pgdata=${folder}`, `--pwfile=${pwfile}`, '--username=postgres', '--auth=scram-sha-256', '--encoding=UTF8',
    // The same order and case rules on every platform, whatever its libc has; before 17 there is only what libc has.
    ...(Number(version) < 17 ? ['--locale=C.UTF-8'] : ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']), '--no-instructions'
  ], root)
  await rename(pwfile, join(folder, 'password'))
  await sync(folder)
}

async function readPassword (root: string, data: string): Promise<string> {
  // Beside the data: where earlier versions had it.
  for (const file of [join(data, 'password'), join(root, 'password')]) {
    const password = (await readFile(file, 'utf8').catch(() => '')).trim()
    if (password !== '') return password
  }
  throw new Error(`The folder ${data} has no password of its database. Restore its file "password", or remove the folder to begin with an empty database.`)
}

async function exists (path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false)
}

/** What cannot be removed, because its initdb still writes, does no harm. */
async function remove (path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5 }).catch(() => {})
}

/** Makes a rename in `folder` survive a power failure. Windows cannot open a folder, and needs no such thing. */
async function sync (folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
