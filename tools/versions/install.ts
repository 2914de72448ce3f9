import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Closers } from '../harness/closers.js'

const run = promisify(execFile)

/**
 * Installs a package in a temporary folder of its own, where no lock file has it.
 * @param wanted with its version: `name@24`
 * @returns the package's folder
 */
export async function installApart (wanted: string, closers: Closers): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-versions-'))
  closers.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await run('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', wanted])
  return join(folder, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')))
}

/** The newest version of a package that begins with a major version, also when all of them are betas, which no range finds. */
export async function newestOf (name: string, major: number): Promise<string> {
  const { stdout } = await run('npm', ['view', name, 'versions', '--json'])
  const newest = (JSON.parse(stdout) as string[]).filter(version => version.startsWith(`${major}.`))
    .sort(new Intl.Collator('en', { numeric: true }).compare).at(-1)
  if (newest === undefined) throw new Error(`There is no ${name} of version ${major}.`)
  return newest
}
