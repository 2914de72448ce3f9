import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A file or folder that comes with this package, or that npm installed for it, whether this code runs from `src` or
 * compiled from `dist/src`.
 * @param path as seen from the package's folder, such as `migrations` or `node_modules/lit-html`
 * @throws when the installation lacks it
 */
export function packageFile (path: string): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path)
    if (dirname(folder) === folder) throw new Error(`${path} is missing from this installation of fastify-affitor.`)
  }
}
