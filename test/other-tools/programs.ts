import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { Program } from '../../tools/harness/program.js'

const project = join(import.meta.dirname, '../..')
/** Programs of others, which `npm ci --prefix tools/contract` installs. */
export const installed = join(project, 'tools/contract/node_modules')
export const DOCUMENT = join(project, 'openapi.json')
export const RULES = join(project, 'tools/contract/spectral.yaml')

// Some of them need a newer Node than the project does: it is among their packages where there is one for the machine.
const packaged = join(installed, `node-${process.platform}-${process.arch}`, 'bin/node')
const node = existsSync(packaged) ? packaged : process.execPath

/** Runs one to its end. @throws with what it said when it fails */
export async function runOther (name: string, args: string[], cwd: string): Promise<void> {
  await promisify(execFile)(node, [join(installed, '.bin', name), ...args], { cwd }).catch((error: Error & { stdout: string, stderr: string }) => {
    throw new Error(`${name} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`)
  })
}

/** Starts Prism, which holds all that passes against the document, or answers by it. @returns its address */
export async function startPrism (t: Test, args: ['proxy', document: string, upstream: string] | ['mock', document: string]): Promise<string> {
  const [port] = await freePorts(1)
  const prism = new Program({
    name: 'Prism',
    program: node,
    args: [join(installed, '.bin/prism'), ...args, '--port', String(port), '--errors'],
    cwd: project,
    environment: {},
    ready: /Prism is listening/,
    patienceMs: 60_000
  })
  t.teardown(() => prism.stop())
  await prism.untilReady()
  return `http://127.0.0.1:${port}`
}
