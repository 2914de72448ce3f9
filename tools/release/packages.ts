import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { project, readJson } from '../package/build.js'

interface Versioned { version: string }

/** The image of the service has the project's own version; the plugin and the client follow it. */
const FOLLOWING = ['packages/fastify-affitor/package.json', 'sdk/package.json']
/** What the examples ask for. */
const EXAMPLES = ['examples/existing-app/package.json', 'examples/plain-js/package.json']
const SOURCE = 'src/version.ts'
const RELEASED = 'test/upgrade/released'

export async function projectVersion (): Promise<string> {
  return (await readJson<Versioned>(join(project, 'package.json'))).version
}

/** Writes the version wherever it stands beside the project's own manifest. */
export async function followVersion (version: string): Promise<void> {
  for (const name of FOLLOWING) await replace(name, /("version": ")[^"]+/, version)
  for (const name of EXAMPLES) await replace(name, /("fastify-affitor": "\^)[^"]+/, version)
  await replace(SOURCE, /(VERSION = ')[^']+/, version)
  // The lock file says it of itself, and of the project's own package.
  await replace('package-lock.json', /("version": ")[^"]+/, version)
  await replace('package-lock.json', /("": \{\s+"name": "[^"]+",\s+"version": ")[^"]+/, version)
}

async function replace (name: string, place: RegExp, version: string): Promise<void> {
  const path = join(project, name)
  const text = await readFile(path, 'utf8')
  if (!place.test(text)) throw new Error(`${name} has no version where one is expected.`)
  await writeFile(path, text.replace(place, `$1${version}`))
}

/** What does not say the project's version and must, a sentence each. */
export async function strayVersions (): Promise<string[]> {
  const version = await projectVersion()
  const found: Array<[where: string, said: string | undefined]> = []
  for (const name of FOLLOWING) found.push([name, (await readJson<Versioned>(join(project, name))).version])
  for (const name of EXAMPLES) {
    const { dependencies } = await readJson<{ dependencies: Record<string, string> }>(join(project, name))
    found.push([name, dependencies['fastify-affitor']?.replace('^', '')])
  }
  found.push([SOURCE, /VERSION = '([^']+)'/.exec(await readFile(join(project, SOURCE), 'utf8'))?.[1]])
  const lock = await readJson<Versioned & { packages: Record<string, Versioned> }>(join(project, 'package-lock.json'))
  found.push(['package-lock.json', lock.version], ['package-lock.json', lock.packages['']?.version])
  for (const name of ['openapi.json', 'docs/openapi-released.json']) {
    found.push([name, (await readJson<{ info: Versioned }>(join(project, name))).info.version])
  }
  const kept = await readdir(join(project, RELEASED))
  found.push([RELEASED, kept.sort(semver.rcompare)[0]])
  const changelog = await readFile(join(project, 'CHANGELOG.md'), 'utf8')
  found.push(['the newest section of CHANGELOG.md', /^## (\S+)/m.exec(changelog)?.[1]])
  return found.filter(([, said]) => said !== version).map(([where, said]) => `${where} says ${said ?? 'none'}, and the project ${version}.`)
}

/** What the changelog says of a version; empty when it says nothing. */
export function notesOf (changelog: string, version: string): string {
  const [, after = ''] = changelog.split(`\n## ${version}\n`)
  return (after.split(/^## /m)[0] ?? '').trim()
}

/**
 * Where a package's sources are, as its manifest says it: the registry's page makes the links of a README from it, and
 * provenance is held against it. https://docs.npmjs.com/cli/configuring-npm/package-json#repository
 * @param repository its address, `https://example.com/owner/name`
 * @param directory in which the package is there
 */
export function sourceOf (repository: string, directory: string): { type: string, url: string, directory: string } {
  return { type: 'git', url: `git+${repository}.git`, directory }
}
