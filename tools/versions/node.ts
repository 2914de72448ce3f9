import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main } from '../../src/service/run.js'
import { Closers } from '../harness/closers.js'
import { Program } from '../harness/program.js'
import { installApart } from './install.js'
import { closeWhenInterrupted, project, runFiles, runProgram } from './programs.js'

/** `npm run check:node -- lts`, or `-- 22`: the service, the demo and some tests on another version of Node. */
const NEWEST_LTS = '24'
/** Processes, HTTP, the database, passwords, the plugin, the workers and the client. */
const FILES = ['test/journey.test.ts', 'test/group-commit.test.ts', 'test/db/pool.test.ts', 'test/plugin/journey.test.ts', 'test/workers/order.test.ts', 'test/sdk/methods.test.ts', 'test/sdk/retries.test.ts', 'test/sdk/package.test.ts']

await main(async () => {
  const [wanted = ''] = process.argv.slice(2)
  if (!/^(lts|\d+(\.\d+)*)$/.test(wanted)) throw new Error('Usage: npm run check:node -- lts, or a version such as 22')
  const closers = new Closers()
  closeWhenInterrupted(closers)
  try {
    const platform = process.platform === 'win32' ? 'win' : process.platform
    const node = join(await installApart(`node-${platform}-${process.arch}@${wanted === 'lts' ? NEWEST_LTS : wanted}`, closers), 'bin', 'node')
    await chmod(node, 0o755)
    console.log(`Node ${(await runProgram(node, ['--version'], {})).output.trim()}`)
    await startAndSignUp(node, closers)
    const demo = await runProgram(node, ['--import=tsx', 'sandbox/demo.ts'], {})
    console.log(`${demo.code === 0 ? 'ok' : 'not ok'} - the demo`)
    if (demo.code !== 0) console.log(demo.output)
    process.exitCode = demo.code === 0 && await runFiles(node, FILES) ? 0 : 1
  } finally {
    await closers.close()
  }
})

/** @throws when the service does not start, does not take a signup, or does not end in good order */
async function startAndSignUp (node: string, closers: Closers): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-node-'))
  closers.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const service = new Program({
    name: 'the service',
    program: node,
    args: ['--import=tsx', 'sandbox/start.ts'],
    cwd: project,
    environment: { PORT: '0', DATA_DIR: join(folder, 'data'), NODE_ENV: 'test' },
    ready: /Server listening at (http:[^"\s]+)/,
    patienceMs: 120_000
  })
  closers.add(() => service.end('SIGTERM'))
  await service.untilReady()
  const url = /Server listening at (http:[^"\s]+)/.exec(service.output)?.[1] ?? ''
  const { status } = await fetch(`${url}/api/signup`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'ada@example.com', password: 'correct horse battery' })
  })
  if (status !== 201) throw new Error(`The signup was answered ${status}: ${service.output}`)
  const end = await service.end('SIGTERM')
  if (end !== 0) throw new Error(`The service ended with ${end}: ${service.output}`)
  console.log('ok - start, signup, stop')
}
