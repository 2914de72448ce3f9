import { execFile } from 'node:child_process'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { packageFile } from '../../src/package-file.js'
import { complaints, entriesOf } from './manifest.js'
import type { Manifest, RootManifest } from './manifest.js'
import { compiled, declared, reach } from './reach.js'
import type { Resolve } from './reach.js'

export const project = dirname(packageFile('tsconfig.package.json'))
const source = join(project, 'packages/fastify-affitor')

/** All that its declarations may name: who compiles against them has these. */
const TYPES_FROM = ['@sinclair/typebox', 'fastify', 'stripe']

export interface BuiltPackage {
  /** A complete package: `npm pack` in it makes the tarball. */
  folder: string
  manifest: Manifest
}

/**
 * Compiles what the published package's entries need, and puts beside it what they read.
 * @throws with everything that is wrong with the manifest, or with what the declarations name
 */
export async function buildPackage (): Promise<BuiltPackage> {
  const folder = join(source, 'build')
  const manifest = await readJson<Manifest>(join(source, 'package.json'))
  await rm(folder, { recursive: true, force: true })
  await compile()
  await addFiles(folder, manifest)

  const entries = entriesOf(manifest).map(path => join(folder, path))
  const code = await reach(entries, compiled(folder))
  const types = await reach(entries.map(path => path.replace(/\.js$/, '.d.ts')), declared)
  await keepOnly(join(folder, 'dist'), new Set([...code.files, ...types.files]))

  const pages = await reach(await browserModules(folder), inBrowsers(folder))
  const wrong = complaints(manifest, await readJson<RootManifest>(join(project, 'package.json')),
    new Set([...code.packages, ...types.packages, ...pages.packages]), await bundledVersions(manifest))
  for (const name of types.packages) {
    if (!TYPES_FROM.includes(name)) wrong.push(`The declarations name ${name}.`)
  }
  if (wrong.length > 0) throw new Error(`The published package is not as its manifest says:\n${wrong.map(line => `  ${line}`).join('\n')}`)
  return { folder, manifest }
}

async function compile (): Promise<void> {
  const tsc = join(project, 'node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '--project', join(project, 'tsconfig.package.json')], { cwd: project })
    .catch((error: { stdout?: string }) => { throw new Error(`It does not compile:\n${error.stdout}`, { cause: error }) })
}

async function addFiles (folder: string, manifest: Manifest): Promise<void> {
  for (const name of ['package.json', 'README.md']) await cp(join(source, name), join(folder, name))
  const client = (await readdir(join(project, 'sdk'))).filter(name => name.endsWith('.js')).map(name => `sdk/${name}`)
  for (const name of ['LICENSE', 'llms.txt', 'migrations/affitor', 'public', 'sandbox/pages/public', ...client]) {
    await cp(join(project, name), join(folder, name), { recursive: true, filter: path => !isServiceOnly(path) })
  }
  for (const name of manifest.bundleDependencies) {
    const from = join(project, 'node_modules', name)
    const { files } = await readJson<{ files: string[] }>(join(from, 'package.json'))
    // A copy, where npm has a link.
    for (const file of ['package.json', 'README.md', ...files]) await cp(join(from, file), join(folder, 'node_modules', name, file), { dereference: true })
  }
}

/** The storefront and Swagger UI are the standalone API's; declarations of pages are for the project's own compiler. */
function isServiceOnly (path: string): boolean {
  return ['public/storefront', 'public/docs'].some(folder => path === join(project, folder)) || path.endsWith('.d.ts')
}

/** Declarations that no entry's lead to name packages that a user may not have; modules of types alone have no code. */
async function keepOnly (folder: string, files: Set<string>): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !files.has(path)) await rm(path)
  }
}

async function browserModules (folder: string): Promise<string[]> {
  const found: string[] = []
  for (const part of ['public', 'sandbox/pages/public', 'sdk']) {
    for (const name of await readdir(join(folder, part), { recursive: true })) {
      if (name.endsWith('.js')) found.push(join(folder, part, name))
    }
  }
  return found
}

/** Imports of what browsers load, whose names the pages' import map explains. */
function inBrowsers (folder: string): Resolve {
  const own = compiled(folder)
  return (specifier, from) => specifier === 'fastify-affitor-client' ? join(folder, 'sdk/index.js') : own(specifier, from)
}

async function bundledVersions ({ bundleDependencies }: Manifest): Promise<Record<string, string>> {
  return Object.fromEntries(await Promise.all(bundleDependencies.map(async name =>
    [name, (await readJson<{ version: string }>(join(project, 'node_modules', name, 'package.json'))).version])))
}

export async function readJson<T> (path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}
