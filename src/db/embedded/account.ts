import { execFile } from 'node:child_process'
import { chown, lchown, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Binaries } from './binaries.js'
import { describe, run } from './run.js'
import type { Account, Outcome } from './run.js'

const exec = promisify(execFile)

/**
 * Decides as whom the server runs, and makes that account the owner of `root`.
 *
 * PostgreSQL refuses to run as root. For root the server therefore runs as the owner of an
 * existing directory, else as `postgres`, else as `nobody`. Where that account may not pass a
 * parent folder (a clone below /root), it gets the one capability that lets it pass.
 *
 * @param root the server's own folder; it exists
 * @returns the account, and PostgreSQL's version as its program prints it
 * @throws when no account can run the programs and write to `root`
 */
export async function chooseAccount (binaries: Binaries, root: string): Promise<{ account: Account, version: string }> {
  const failures: string[] = []
  for (const account of await candidates(root)) {
    const outcome = await probe(account, binaries, root)
    if (outcome.code === 0) return { account, version: outcome.output.trim() }
    failures.push(describe(outcome))
  }
  const reason = [...new Set(failures)].join('; ')
  if (!isRoot()) {
    throw new Error(`The embedded PostgreSQL does not run on this system (${reason}). Its programs need glibc on Linux. ` +
      'Set DATABASE_URL to a PostgreSQL server.')
  }
  throw new Error(`The embedded PostgreSQL cannot run as root, and no other account can use ${root} (${reason}). ` +
    'Start as another user, move the project and DATA_DIR to a place that other users can reach, or set DATABASE_URL.')
}

function isRoot (): boolean {
  return process.geteuid?.() === 0
}

async function candidates (root: string): Promise<Account[]> {
  if (!isRoot()) return [{ prefix: [] }]
  const owner = await stat(root)
  let ids = { uid: owner.uid, gid: owner.gid }
  if (owner.uid === 0) {
    ids = await lookUp('postgres') ?? await lookUp('nobody') ?? noAccount()
    await chownTree(root, ids.uid, ids.gid)
  }
  const setpriv = (capability: string): Account => ({
    // initdb asks access(2), which heeds a capability of a user other than root only with that bit.
    prefix: ['setpriv', `--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups', '--securebits=+no_setuid_fixup',
      `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`, '--']
  })
  // Reading is enough to pass a folder; but containers commonly have only the wider capability.
  return [{ ...ids, prefix: [] }, setpriv('dac_read_search'), setpriv('dac_override')]
}

async function probe (account: Account, binaries: Binaries, root: string): Promise<Outcome> {
  if (!isRoot()) return await run(account, binaries.postgres, ['--version'], root)
  const script = '"$1" --version && test -w "$2"'
  return await run(account, '/bin/sh', ['-c', script, 'sh', binaries.postgres, root], '/')
}

async function lookUp (name: string): Promise<{ uid: number, gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async flag => Number((await exec('id', [flag, name])).stdout)))
    return uid === undefined || gid === undefined ? undefined : { uid, gid }
  } catch {
    return undefined
  }
}

function noAccount (): never {
  throw new Error('The embedded PostgreSQL cannot run as root, and this system has neither a user "postgres" nor "nobody". ' +
    'Start as another user, or set DATABASE_URL.')
}

async function chownTree (folder: string, uid: number, gid: number): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await chownTree(path, uid, gid)
    else await lchown(path, uid, gid)
  }
  // The folder last: an interrupted walk finds it still root's, and starts again.
  await chown(folder, uid, gid)
}
