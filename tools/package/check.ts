import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { main } from '../../src/service/run.js'
import { project, readJson } from './build.js'
import { withDatabases } from './databases.js'
import type { MakeDatabase } from './databases.js'
import { compileAgainst, install, serviceOnly, tryOut } from './install.js'
import type { ProjectManifest } from './install.js'
import type { Manifest } from './manifest.js'
import { packPackage } from './pack.js'
import { run } from './run-program.js'

/**
 * `npm run check:package`: builds the published package, packs it, and uses the tarball alone as its users do, with the
 * newest peers that it claims and with the oldest.
 */

/** Its types, which an app in TypeScript has. */
const TYPES = ['@types/node@22', '@types/pg@8']

await main(async () => {
  const { tarball, manifest } = await packPackage()
  try {
    await withDatabases(async makeDatabase => await Promise.all([
      lint(tarball), useWith('newest', tarball, manifest, makeDatabase), useWith('oldest', tarball, manifest, makeDatabase)
    ]))
    console.log('The package installs, imports, compiles and works.')
  } finally {
    await rm(tarball)
  }
})

async function lint (tarball: string): Promise<void> {
  const bin = (name: string) => join(project, 'node_modules/.bin', name)
  await run(bin('publint'), ['--strict', tarball], project)
  await run(bin('attw'), [tarball, '--profile', 'esm-only', '--quiet'], project)
  console.log('publint and attw find nothing')
}

async function useWith (which: 'oldest' | 'newest', tarball: string, manifest: Manifest, makeDatabase: MakeDatabase): Promise<void> {
  const peers = Object.entries(manifest.peerDependencies).map(([name, range]) => `${name}@${which === 'newest' ? range : semver.minVersion(range)?.version}`)
  const installation = await install(tarball, [...peers, ...TYPES])
  try {
    const strays = serviceOnly(installation, await readJson<ProjectManifest>(join(project, 'package.json')), manifest)
    if (strays.length > 0) throw new Error(`What only the standalone API needs came along: ${strays.join(', ')}.`)
    const [said] = await Promise.all([tryOut(installation, await makeDatabase(which)), compileAgainst(installation)])
    console.log(`${which} peers: ${said}; compiles under both resolutions; ${Object.keys(installation.packages).length} packages in all`)
  } finally {
    await installation.remove()
  }
}
