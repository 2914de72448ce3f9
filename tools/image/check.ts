import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startEmbeddedPostgres } from '../../sandbox/postgres/index.js'
import { main } from '../../src/service/run.js'
import { readCompose, filledIn } from './compose.js'
import { unwanted } from './content.js'
import { copyContext } from './context.js'
import { inside } from './copy.js'
import { readDockerfile } from './dockerfile.js'
import { interrupt } from './processes.js'
import { runImage } from './run-image.js'
import { buildStages } from './stages.js'
import type { Image } from './stages.js'

/**
 * `npm run check:image`: builds what the Dockerfile describes, from what `.dockerignore` lets through, and runs it as
 * compose.yaml does, on a real PostgreSQL. No container engine is needed: a folder stands for each stage.
 */
const project = join(import.meta.dirname, '../..')
const read = async (name: string) => await readFile(join(project, name), 'utf8')

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt)

await main(async () => {
  // Node looks for packages in every folder above: those of the project would hide that one is missing.
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-image-'))
  try {
    for (let above = folder; dirname(above) !== above; above = dirname(above)) {
      if (existsSync(join(above, 'node_modules'))) throw new Error(`${above} has node_modules, in which the image's programs would find packages. Set TMPDIR to a folder outside of any project.`)
    }
    // The image's user is another one, and the folder is made for one's own eyes.
    await chmod(folder, 0o755)
    const image = await build(folder)
    const services = readCompose(await read('compose.yaml'), filledIn)
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } })
    try {
      await runImage({ image, services, programs: await namedPrograms(image), databaseUrl: postgres.connectionString, log: console.log })
    } finally {
      await postgres.stop()
    }
    console.log('The image builds, serves, works and stops.')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

async function build (folder: string): Promise<Image> {
  const { engines, optionalDependencies } = JSON.parse(await read('package.json'))
  const { packages: locked } = JSON.parse(await read('package-lock.json'))
  const context = join(folder, 'context')
  console.log(`.dockerignore lets ${await copyContext(project, context)} files through.`)
  const stages = readDockerfile(await read('Dockerfile'))
  const image = await buildStages(stages, { context, folder, engines: engines.node, log: console.log })
  const found = await unwanted(inside(image.root, '/', image.workdir), { optionalDependencies, locked })
  if (found.length > 0) {
    throw new Error(`The image has what only development needs:\n${found.slice(0, 20).map(path => `  ${path}`).join('\n')}\nof ${found.length} in all.`)
  }
  return image
}

/** The compiled programs that people are told to start: each of them is there. */
async function namedPrograms (image: Image): Promise<string[]> {
  const programs = new Set<string>()
  for (const page of ['Dockerfile', 'compose.yaml', 'README.md']) {
    for (const [path] of (await read(page)).matchAll(/\bdist\/[\w./-]+\.js\b/g)) {
      if (!existsSync(inside(image.root, image.workdir, path))) throw new Error(`${page} names ${path}, which the image does not have.`)
      programs.add(path)
    }
  }
  return [...programs]
}
