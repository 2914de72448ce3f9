import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJson } from '../package/build.js'
import { NPM_INSTALL } from '../package/install.js'
import type { Manifest } from '../package/manifest.js'
import { run } from '../package/run-program.js'

interface Bill { metadata: { component: { name: string, version: string } }, components: Array<{ name: string }> }

/**
 * Writes what comes with a package as a CycloneDX document: all that its ranges give today, as `npm install` would, and
 * none of it installed. https://docs.npmjs.com/cli/commands/npm-sbom
 * @param folder of the package, complete, with what it bundles
 * @throws when a dependency is missing in it
 */
export async function writeBillOfMaterials (folder: string, file: string): Promise<void> {
  const { name, dependencies, bundleDependencies = [] } = await readJson<Pick<Manifest, 'name' | 'dependencies'> & Partial<Manifest>>(join(folder, 'package.json'))
  const parent = await mkdtemp(join(tmpdir(), 'fastify-affitor-sbom-'))
  try {
    // npm calls what it describes by the folder's name.
    const copy = join(parent, name)
    await mkdir(copy)
    await copyFile(join(folder, 'package.json'), join(copy, 'package.json'))
    for (const bundled of bundleDependencies) {
      await mkdir(join(copy, 'node_modules', bundled), { recursive: true })
      await copyFile(join(folder, 'node_modules', bundled, 'package.json'), join(copy, 'node_modules', bundled, 'package.json'))
    }
    await run('npm', ['install', '--package-lock-only', '--omit=dev', '--ignore-scripts', ...NPM_INSTALL], copy)
    const text = await run('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], copy)
    const { metadata: { component }, components } = JSON.parse(text) as Bill
    const missing = Object.keys(dependencies).filter(dependency => !components.some(other => other.name === dependency))
    if (component.name !== name || missing.length > 0) throw new Error(`npm's bill of materials of ${name} is one of ${component.name}, without ${missing.join(', ')}.`)
    await writeFile(file, text)
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
