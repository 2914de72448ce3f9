import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders of the project that development needs and production does not. */
const DEVELOPMENT = new Set(['sandbox', 'tools', 'bench', 'test', 'examples', '.git'])

interface LockedPackage { dev?: boolean, optionalDependencies?: Record<string, string> }

export interface Manifests {
  optionalDependencies?: Record<string, string>
  /** `packages` of the lock file: a package by its place. */
  locked: Record<string, LockedPackage>
}

/**
 * What is in the image's working folder and has no place in production: what stands in for others, tools, packages
 * of development, sources that were compiled, and the embedded database server.
 * @returns paths in that folder; none when all is well
 */
export async function unwanted (folder: string, { optionalDependencies = {}, locked }: Manifests): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const present = new Set(files)
  const embedded = Object.keys(optionalDependencies).flatMap(name =>
    [name, ...Object.keys(locked[`node_modules/${name}`]?.optionalDependencies ?? {})].map(each => `node_modules/${each}`))
  const packages = Object.keys(locked).filter(place => locked[place]?.dev === true || embedded.includes(place))
  const own = files.filter(path => !path.startsWith('node_modules/') &&
    (path.split('/').some(part => DEVELOPMENT.has(part)) || /(?<!\.d)\.ts$/.test(path)))
  return [...own, ...packages.filter(place => present.has(place))].sort()
}
