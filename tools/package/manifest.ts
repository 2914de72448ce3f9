import semver from 'semver'

/** What is read of a package.json. */
export interface Manifest {
  name: string
  version: string
  engines: { node: string }
  imports?: Record<string, string>
  exports: Record<string, string | { types: string, default: string }>
  bin: Record<string, string>
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
  bundleDependencies: string[]
}

/** The project's own package.json, as far as the published one is held against it. */
export type RootManifest = Pick<Manifest, 'name' | 'version' | 'engines' | 'imports' | 'dependencies'>

/** The modules that a user of the package can name, from the package's folder: `dist/src/index.js`. */
export function entriesOf ({ exports, bin }: Manifest): string[] {
  const modules = Object.values(exports).flatMap(target => typeof target === 'string' ? [] : target.default)
  return [...modules, ...Object.values(bin)].map(path => path.replace(/^\.\//, '')).sort()
}

/**
 * What is wrong with the published manifest, a sentence each.
 * @param reached the packages that its code imports
 * @param bundled versions of what travels inside
 */
export function complaints (manifest: Manifest, root: RootManifest, reached: Set<string>, bundled: Record<string, string>): string[] {
  const found: string[] = []
  const same = (what: 'name' | 'version' | 'engines' | 'imports') => {
    if (JSON.stringify(manifest[what]) !== JSON.stringify(root[what])) found.push(`${what} is ${JSON.stringify(manifest[what])}, and ${JSON.stringify(root[what])} in the project.`)
  }
  same('name')
  same('version')
  same('engines')
  same('imports')

  const peers = manifest.peerDependencies
  for (const name of reached) {
    if (!(name in peers) && !(name in manifest.dependencies)) found.push(`${name} is imported, and no dependency.`)
  }
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    if (!reached.has(name)) found.push(`${name} is a dependency that nothing imports.`)
    const wanted = manifest.bundleDependencies.includes(name) ? bundled[name] : root.dependencies[name]
    if (version !== wanted) found.push(`${name} is ${version}, and ${wanted} in the project.`)
  }
  for (const [name, range] of Object.entries(peers)) {
    if (!reached.has(name)) found.push(`${name} is a peer dependency that nothing imports.`)
    const ours = semver.minVersion(root.dependencies[name] ?? '')
    if (ours === null || !semver.satisfies(ours, range)) found.push(`${name} is tested with ${root.dependencies[name]}, which ${range} does not allow.`)
  }
  for (const name of manifest.bundleDependencies) {
    if (!(name in manifest.dependencies)) found.push(`${name} travels inside, and is no dependency.`)
  }
  return found
}
