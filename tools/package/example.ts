import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { freePorts } from '../../sandbox/free-ports.js'
import { Program } from '../harness/program.js'
import { readJson } from './build.js'
import type { MakeDatabase } from './databases.js'
import { NPM_INSTALL } from './install.js'
import { run } from './run-program.js'

interface ExampleManifest {
  scripts: { test: string, types?: string, start?: string }
  dependencies: Record<string, string>
}

/**
 * Does with a copy of an example what its README says: `npm install`, its scripts, and its `.env`.
 * @returns what was done
 */
export async function tryExample (example: string, tarball: string, makeDatabase: MakeDatabase): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), `fastify-affitor-${basename(example)}-`))
  try {
    await cp(example, folder, { recursive: true, filter: path => basename(path) !== 'node_modules' })
    const manifest = await readJson<ExampleManifest>(join(folder, 'package.json'))
    const dependencies = { ...manifest.dependencies, 'fastify-affitor': `file:${tarball}` }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, dependencies }))
    await run('npm', ['install', ...NPM_INSTALL], folder)
    const did = ['installs']
    if (manifest.scripts.types !== undefined) {
      await run('npm', ['run', 'types'], folder)
      did.push('compiles')
    }
    await run('npm', ['test'], folder, { DATABASE_URL: await makeDatabase('test') })
    did.push('passes its test')
    if (manifest.scripts.start !== undefined) {
      await start(folder, manifest.scripts.start, await makeDatabase('start'))
      did.push('starts, answers and stops')
    }
    return did
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Starts it with `.env.example` filled in, and signs up there. @throws when it does not answer, or does not stop in good order */
async function start (folder: string, script: string, databaseUrl: string): Promise<void> {
  const [port = 0] = await freePorts(1)
  const filledIn: Record<string, string> = { DATABASE_URL: databaseUrl, PORT: String(port) }
  const lines = (await readFile(join(folder, '.env.example'), 'utf8')).split('\n')
  await writeFile(join(folder, '.env'), lines.map(line => {
    const [name = ''] = line.split('=')
    return name in filledIn ? `${name}=${filledIn[name]}` : line
  }).join('\n'))

  const [command = '', ...args] = script.split(' ')
  const url = `http://127.0.0.1:${port}`
  const program = new Program({
    name: basename(folder), args: [join(folder, 'node_modules/.bin', command), ...args], cwd: folder, environment: {}, ready: `${url}/operator`
  })
  try {
    await program.untilReady()
    const { status } = await fetch(`${url}/signup`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse' })
    })
    if (status !== 201) throw new Error(`A signup is answered ${status}: ${program.output}`)
  } catch (error) {
    await program.end('SIGKILL')
    throw error
  }
  const ended = await program.end('SIGTERM')
  if (ended !== 0) throw new Error(`It ended with ${ended}: ${program.output}`)
}
