import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import semver from 'semver'
import { project, readJson } from '../package/build.js'

interface Versioned { version: string }

/**
 * Where the version stands beside the project's own manifest, after the first group: in the manifests of plugin and client,
 * in what the examples ask for, in the service, and in the lock file, of itself and of the project's own package.
 */
const PLACES: Array<[name: string, place: RegExp]> = [
  ['packages/fastify-affitor/package.json', /("version": ")([^"]+)/],
  ['sdk/package.json', /("version": ")([^"]+)/],
  ['examples/existing-app/package.json', /("fastify-affitor": "\^)([^"]+)/],
  ['examples/plain-js/package.json', /("fastify-affitor": "\^)([^"]+)/],
  ['src/version.ts', /(VERSION = ')([^']+)/],
  ['package-lock.json', /("version": ")([^"]+)/],
  ['package-lock.json', /("": \{\s+"name": "[^"]+",\s+"version": ")([^"]+)/]
]
const RELEASED = 'test/upgrade/released'
const read = async (name: string) => await readFile(join(project, name), 'utf8')

export async function projectVersion (): Promise<string> {
  return (await readJson<Versioned>(join(project, 'package.json'))).version
}

/** Writes the version wherever it stands beside the project's own manifest. */
export async function followVersion (version: string): Promise<void> {
  for (const [name, place] of PLACES) {
    const text = await read(name)
    if (!place.test(text)) throw new Error(`${name} has no version where one is expected.`)
    await writeFile(join(project, name), text.replace(place, (_whole, before: string) => before + version))
  }
}

/** What does not say the project's version and must, a sentence each. */
export async function strayVersions (): Promise<string[]> {
  const version = await projectVersion()
  const found: Array<[where: string, said: string | undefined]> = []
  for (const [name, place] of PLACES) found.push([name, place.exec(await read(name))?.[2]])
  for (const name of ['openapi.json', 'docs/openapi-released.json']) {
    found.push([name, (await readJson<{ info: Versioned }>(join(project, name))).info.version])
  }
  const kept = await readdir(join(project, RELEASED))
  found.push([RELEASED, kept.sort(semver.rcompare)[0]])
  found.push(['the newest section of CHANGELOG.md', /^## (\S+)/m.exec(await read('CHANGELOG.md'))?.[1]])
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
