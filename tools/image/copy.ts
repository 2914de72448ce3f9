import { existsSync, statSync } from 'node:fs'
import { cp, lchown, readdir } from 'node:fs/promises'
import { basename, join, posix } from 'node:path'

export interface CopyOptions {
  /** The folder that stands for `/` of where the sources are. */
  from: string
  /** What to call it in a message. */
  fromName: string
  sources: string[]
  /** The folder that stands for `/` of the stage. */
  root: string
  workdir: string
  target: string
  /** Who owns the copies, as a number; undefined: we. */
  owner?: number
}

/** A path of the image, in the folder that stands for its `/`. It never leads out of it. */
export function inside (root: string, workdir: string, path: string): string {
  return join(root, posix.resolve('/', workdir, path))
}

/**
 * COPY: a file goes into a folder or takes the name of the target; of a folder, its content goes into the target.
 * @throws Error when a source is not there
 */
export async function copy ({ from, fromName, sources, root, workdir, target, owner }: CopyOptions): Promise<void> {
  const to = inside(root, workdir, target)
  const isFolder = target.endsWith('/') || target === '.' || (existsSync(to) && statSync(to).isDirectory())
  for (const source of sources) {
    const path = inside(from, '/', source)
    if (!existsSync(path)) throw new Error(`copies ${source}, which is not in ${fromName}.`)
    const end = !statSync(path).isDirectory() && isFolder ? join(to, basename(path)) : to
    await cp(path, end, { recursive: true, verbatimSymlinks: true })
    if (owner !== undefined) await own(end, owner)
  }
}

async function own (path: string, owner: number): Promise<void> {
  await lchown(path, owner, owner)
  for (const entry of await readdir(path, { withFileTypes: true, recursive: true }).catch(() => [])) {
    await lchown(join(entry.parentPath, entry.name), owner, owner)
  }
}
