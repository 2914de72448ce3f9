import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readArguments } from '../../src/cli/arguments.js'
import { main } from '../../src/service/run.js'
import { buildPackage, project, readJson } from '../package/build.js'
import { packBuilt, packFolder } from '../package/pack.js'
import { run } from '../package/run-program.js'
import { writeBillOfMaterials } from './bill-of-materials.js'
import { notesOf, projectVersion, sourceOf, strayVersions } from './packages.js'

const USAGE = `Usage: npm run release -- [--dry-run] [--repository https://...]

Packs the plugin and the client, and publishes them under the project's version with provenance. What the registry has
already stays as it is, so a release that broke off is made complete by the same command. dist/release then has both
packages, their bills of materials and the notes of the version.
  --dry-run     all but the upload: what continuous integration does with every change
  --repository  where the sources are: provenance holds the packages against it`

/** The release's files: an archive, and a bill of materials beside it. */
const folder = join(project, 'dist/release')

await main(async () => {
  const { 'dry-run': isDry = false, repository } = readArguments({ 'dry-run': { type: 'boolean' }, repository: { type: 'string' } }, USAGE)
  const version = await projectVersion()
  const strays = await strayVersions()
  if (strays.length > 0) throw new Error(`The versions differ:\n${strays.map(line => `  ${line}`).join('\n')}\n\`npm run release:version\` writes them all.`)
  // npm asks the workflow who it is, and the registry writes it down beside the package.
  if (!isDry && process.env.ACTIONS_ID_TOKEN_REQUEST_URL === undefined) {
    throw new Error('Packages are published by the workflow .github/workflows/release.yml, which can tell where they come from. Try it with --dry-run.')
  }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'notes.md'), `${notesOf(await readFile(join(project, 'CHANGELOG.md'), 'utf8'), version)}\n`)
  const plugin = await buildPackage()
  await release({ source: plugin.folder, directory: 'packages/fastify-affitor', pack: () => packBuilt(plugin), isDry, repository })
  const client = await copyOfClient()
  await release({ source: client, directory: 'sdk', pack: async () => (await packFolder(client)).tarball, isDry, repository })
  await rm(client, { recursive: true })
  console.log(`dist/release has what version ${version} is made of.${isDry ? ' Nothing was uploaded.' : ''}`)
})

async function copyOfClient (): Promise<string> {
  const copy = join(folder, 'client')
  await cp(join(project, 'sdk'), copy, { recursive: true })
  await cp(join(project, 'LICENSE'), join(copy, 'LICENSE'))
  return copy
}

interface Release {
  /** Folder of the package, complete. */
  source: string
  /** Where it is in the repository. */
  directory: string
  pack: () => Promise<string>
  isDry: boolean
  repository: string | undefined
}

async function release ({ source, directory, pack, isDry, repository }: Release): Promise<void> {
  const manifest = await readJson<{ name: string, version: string }>(join(source, 'package.json'))
  const { name, version } = manifest
  if (repository !== undefined) {
    const ofSource = { ...manifest, repository: sourceOf(repository, directory) }
    await writeFile(join(source, 'package.json'), `${JSON.stringify(ofSource, null, 2)}\n`)
  }
  const packed = await pack()
  const tarball = join(folder, basename(packed))
  await rename(packed, tarball)
  await writeBillOfMaterials(source, tarball.replace(/\.tgz$/, '.cdx.json'))
  if (!isDry && await isPublished(`${name}@${version}`)) {
    console.log(`${name}@${version} is published already`)
    return
  }
  await run('npm', ['publish', tarball, '--access=public', '--provenance', ...isDry ? ['--dry-run'] : []], project)
  console.log(`${name}@${version} is ${isDry ? 'ready to be published' : 'published'}`)
}

async function isPublished (specifier: string): Promise<boolean> {
  return await run('npm', ['view', specifier, 'version'], project).then(said => said.trim() !== '', (error: Error) => {
    if (error.message.includes('E404')) return false
    throw error
  })
}
