import { join } from 'node:path'
import { buildPackage } from './build.js'
import type { BuiltPackage } from './build.js'
import type { Manifest } from './manifest.js'
import { run } from './run-program.js'

/** Paths of the tarball. Anything else has strayed in. */
const EXPECTED = [
  /^(package\.json|README\.md|LICENSE|llms\.txt)$/, /^dist\/(src|schemas|sandbox)\/.+\.(js|d\.ts)$/, /^migrations\/affitor\/[^/]+\.sql$/,
  /^public\/(operator\/)?[^/]+\.(js|css|svg)$/, /^sandbox\/pages\/public\/[^/]+\.(js|css)$/, /^sdk\/[^/]+\.js$/, /^node_modules\/@affitor\/sdk\/[^/]+$/
]
const UNWANTED = /\.test\.|(^|\/)(test|tools|examples)\/|(^|\/)service\/(users|storefront|routes)\/|\.map$/

interface Packed { filename: string, size: number, unpackedSize: number, files: Array<{ path: string, size: number }> }

/**
 * Builds the published package and packs it, as `npm publish` would.
 * @returns the path of its tarball, in the build's folder, which the next build empties
 */
export async function packPackage (): Promise<{ tarball: string, manifest: Manifest }> {
  const built = await buildPackage()
  return { tarball: await packBuilt(built), manifest: built.manifest }
}

/** Packs what was built. @throws with what does not belong into the package */
export async function packBuilt ({ folder, manifest }: BuiltPackage): Promise<string> {
  console.log(`${manifest.name} ${manifest.version} is built, and its manifest agrees with its imports`)
  const { tarball, paths } = await packFolder(folder)
  const strays = paths.filter(path => !EXPECTED.some(pattern => pattern.test(path)) || UNWANTED.test(path))
  if (strays.length > 0) throw new Error(`These do not belong into the package:\n${strays.map(path => `  ${path}`).join('\n')}`)
  return tarball
}

/** Packs a package that is complete, in its folder. */
export async function packFolder (folder: string): Promise<{ tarball: string, paths: string[] }> {
  const [packed] = JSON.parse(await run('npm', ['pack', '--json'], folder)) as Packed[]
  if (packed === undefined) throw new Error('npm packed nothing.')
  console.log(`${packed.filename}: ${packed.files.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked`)
  return { tarball: join(folder, packed.filename), paths: packed.files.map(({ path }) => path) }
}

function kilobytes (bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`
}
