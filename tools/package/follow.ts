import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../../sandbox/free-ports.js'
import { startStandIns } from '../../sandbox/testing.js'
import type { StandIns } from '../../sandbox/testing.js'
import { fencesOf } from '../harness/fences.js'
import { Program } from '../harness/program.js'
import type { MakeDatabase } from './databases.js'
import { NPM_INSTALL } from './install.js'
import { run } from './run-program.js'

/** A block that says a file's name is that file. */
const FILE_NAME = /^[\w./-]*\.\w+$/
const LEAD_PATIENCE_MS = 20_000

/**
 * Does what a page says, and nothing else, as somebody does who has only that page: begins with an app without code,
 * writes its files, runs its commands in their order, and starts what it starts. Then a visitor signs up.
 *
 * Blocks that say `later` or `in browsers` are for real accounts and other places, and left out.
 * @returns what was done, which ends with a lead that Affitor's stand-in has
 * @throws when a command fails, or no lead arrives
 */
export async function followPage (page: string, tarball: string, makeDatabase: MakeDatabase): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), `fastify-affitor-${basename(page).replace(/\W/g, '-')}-`))
  const did: string[] = []
  try {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'shop', private: true, type: 'module' }))
    const test = { DATABASE_URL: await makeDatabase('test') }
    for (const { language, says, code } of fencesOf(await readFile(page, 'utf8'))) {
      if (FILE_NAME.test(says)) {
        await mkdir(dirname(join(folder, says)), { recursive: true })
        await writeFile(join(folder, says), code)
      } else if (language === 'sh' && says === '') {
        await run('bash', ['-euo', 'pipefail', '-c', withTarball(code, tarball)], folder, test)
        did.push(`runs ${code.trim().split(/\s+/).slice(0, 2).join(' ')}`)
      } else if (language === 'sh' && says === 'start') {
        did.push(await startAndSignUp(folder, code, await makeDatabase('start')))
      }
    }
    return did
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The package is not the registry's, but the one that was built. */
function withTarball (code: string, tarball: string): string {
  return code.replace(/^npm (?:i|install) (.*)$/gm, (_command, names: string) =>
    `npm install ${NPM_INSTALL.join(' ')} ${names.split(' ').map(name => name === 'fastify-affitor' ? tarball : name).join(' ')}`)
}

async function startAndSignUp (folder: string, code: string, databaseUrl: string): Promise<string> {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const standIns = await startStandIns()
  const { apiKey, programId, url: apiUrl } = standIns.affitor
  const app = new Program({
    name: basename(folder),
    args: code.trim().split(/\s+/).slice(1),
    cwd: folder,
    // They come before what the page has in `.env`. With a test key the lead would be marked as a test. Stripe is not asked.
    environment: {
      DATABASE_URL: databaseUrl, PORT: String(port), STRIPE_SECRET_KEY: 'sk_live_0000', AFFITOR_API_KEY: apiKey, AFFITOR_PROGRAM_ID: programId, AFFITOR_API_URL: apiUrl
    },
    ready: `${url}/operator`
  })
  try {
    await app.untilReady()
    const lead = await signUp(url, standIns).catch((error: Error) => { throw new Error(`${error.message}\n${app.output}`, { cause: error }) })
    await app.stop()
    return `starts, and Affitor has the lead of customer ${lead}`
  } catch (error) {
    await app.end('SIGKILL')
    throw error
  } finally {
    await standIns.close()
  }
}

/** @returns the customer key of the lead that Affitor has then */
async function signUp (url: string, { affitor }: StandIns): Promise<string> {
  const body = JSON.stringify({ email: 'ann@example.com', password: 'correct horse battery', affitorClickId: await affitor.click() })
  const { status } = await fetch(`${url}/api/signup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  if (status !== 200 && status !== 201) throw new Error(`A signup is answered ${status}.`)
  for (const end = performance.now() + LEAD_PATIENCE_MS; performance.now() < end; await delay(50)) {
    const [lead] = affitor.leads()
    if (lead?.customerKey != null && lead.partnerCode === 'TESTCODE') return lead.customerKey
  }
  throw new Error(`No lead of TESTCODE's arrived at Affitor: ${JSON.stringify(affitor.leads())}`)
}
