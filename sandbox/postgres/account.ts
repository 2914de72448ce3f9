import { stat } from 'node:fs/promises'
import { run, self } from './run.js'
import type { Account } from './run.js'

/**
 * Decides as whom the server runs, and makes that account the owner of `root`.
 *
 * PostgreSQL refuses to run as root. For root the server therefore runs as the owner of an
 * existing directory, else as `postgres`, else as `nobody`. Where that account may not pass a
 * parent folder (a clone below /root), it gets the one capability that lets it pass.
 *
 * @param postgres the server's program
 * @param root the server's own folder; it exists
 * @throws when no account can run the program and write to `root`
 */
export async function chooseAccount (postgres: string, root: string): Promise<Account> {
  const isRoot = process.geteuid?.() === 0
  const failures = new Set<string>()
  for (const account of isRoot ? await candidates(root) : [self]) {
    try {
      if (isRoot) await run(account, '/bin/sh', ['-c', '"$1" --version && test -w "$2"', 'sh', postgres, root])
      else await run(account, postgres, ['--version'], root)
      return account
    } catch (error) {
      failures.add((error as Error).message)
    }
  }
  const reason = [...failures].join('; ')
  throw new Error(isRoot
    ? `The embedded PostgreSQL cannot run as root, and no other account can use ${root} (${reason}). ` +
      'Start as another user, move the project and DATA_DIR to a place that other users can reach, or set DATABASE_URL.'
    : `The embedded PostgreSQL does not run on this system (${reason}). Its programs need glibc on Linux. ` +
      'Set DATABASE_URL to a PostgreSQL server.')
}

async function candidates (root: string): Promise<Account[]> {
  let { uid, gid } = await stat(root)
  if (uid === 0) {
    ({ uid, gid } = await idsOf('postgres').catch(() => idsOf('nobody')).catch(noAccount))
    // Of files that another process, which starts too, removes meanwhile, it complains.
    await run(self, 'chown', ['-Rh', `${uid}:${gid}`, root]).catch(() => {})
  }
  const setpriv = (capability: string): Account => ({
    // initdb asks access(2), which heeds a capability of a user other than root only with that bit.
    prefix: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--securebits=+no_setuid_fixup',
      `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`, '--']
  })
  // Reading is enough to pass a folder; but containers commonly have only the wider capability.
  return [{ uid, gid, prefix: [] }, setpriv('dac_read_search'), setpriv('dac_override')]
}

async function idsOf (user: string): Promise<{ uid: number, gid: number }> {
  return { uid: Number(await run(self, 'id', ['-u', user])), gid: Number(await run(self, 'id', ['-g', user])) }
}

function noAccount (): never {
  throw new Error('The embedded PostgreSQL cannot run as root, and this system has neither a user "postgres" nor "nobody". ' +
    'Start as another user, or set DATABASE_URL.')
}
