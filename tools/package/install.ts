import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { project, readJson } from './build.js'
import type { Manifest, RootManifest } from './manifest.js'
import { run } from './run-program.js'

const consumer = join(import.meta.dirname, 'consumer')

/** Without questions to the registry that its answers are not needed for. */
export const NPM_INSTALL = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

/** TypeScript's settings for who has the strictest: declarations are checked too. */
const RESOLUTIONS = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' }
}

export type ProjectManifest = RootManifest & { optionalDependencies: Record<string, string> }

/** A folder outside of the project in which the tarball is installed, as a user does. */
export interface Installation {
  folder: string
  /** What came, by its path: `node_modules/fastify`. */
  packages: Record<string, { version: string, dependencies?: Record<string, string> }>
  remove (): Promise<void>
}

/** @param beside what the user has: names, with versions or without */
export async function install (tarball: string, beside: string[]): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-package-'))
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
    await run('npm', ['install', tarball, ...beside, ...NPM_INSTALL], folder)
    const { packages } = await readJson<Pick<Installation, 'packages'>>(join(folder, 'node_modules/.package-lock.json'))
    return { folder, packages, remove: () => rm(folder, { recursive: true, force: true }) }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * Migrates by its command, and imports, requires and runs it. Resolves to what it says of itself.
 * @param databaseUrl of an empty database
 */
export async function tryOut ({ folder }: Installation, databaseUrl: string): Promise<string> {
  const environment = { DATABASE_URL: databaseUrl }
  const migrate = async (...args: string[]) => await run('npx', ['--no-install', 'fastify-affitor', 'migrate', ...args], folder, environment)
  const sql = await migrate('--sql')
  if (!/create table affitor\.tracking_events\b/.test(sql)) throw new Error(`migrate --sql prints:\n${sql}`)
  const applied = await migrate()
  if (!applied.startsWith('Applied: 0001_')) throw new Error(`migrate says: ${applied}`)
  // Nobody works on it yet, and there is no account: it says so, and ends with 1.
  const said = await run('npx', ['--no-install', 'fastify-affitor', 'verify'], folder, environment).then(() => 'all is right', (error: Error) => error.message)
  if (!/^✓ schema: .+^✗ workers: .+^– stripe-key: /ms.test(said)) throw new Error(`verify says: ${said}`)
  await cp(join(consumer, 'try.mjs'), join(folder, 'try.mjs'))
  return (await run(process.execPath, ['try.mjs'], folder, environment)).trim()
}

/** Compiles an app that uses it, under each resolution, declarations of packages included. */
export async function compileAgainst ({ folder }: Installation): Promise<void> {
  await cp(join(consumer, 'app.mts'), join(folder, 'app.mts'))
  await Promise.all(Object.entries(RESOLUTIONS).map(async ([name, resolution]) => {
    const config = join(folder, `tsconfig.${name}.json`)
    const compilerOptions = { ...resolution, target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, noEmit: true, skipLibCheck: false }
    await writeFile(config, JSON.stringify({ compilerOptions, files: ['app.mts'] }))
    await run(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), '--project', config], folder)
  }))
}

/** Packages of the standalone API's that came along, and are not the peers' own. */
export function serviceOnly ({ packages }: Installation, { dependencies, optionalDependencies }: ProjectManifest, manifest: Manifest): string[] {
  const wanted = { ...manifest.dependencies, ...manifest.peerDependencies }
  const ofPeers = Object.assign({}, ...Object.keys(manifest.peerDependencies).map(name => packages[`node_modules/${name}`]?.dependencies))
  const foreign = Object.keys({ ...dependencies, ...optionalDependencies }).filter(name => !(name in wanted) && !(name in ofPeers))
  return foreign.filter(name => Object.keys(packages).some(path => path.endsWith(`node_modules/${name}`)))
}
