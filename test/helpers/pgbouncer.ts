import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { chooseAccount } from '../../sandbox/postgres/account.js'

export interface PgBouncer {
  /** The same database and user, through the pooler. */
  connectionString: string
  /** Its log. */
  output (): string
}

/** Debian's place; it is in no user's PATH there. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`
/** Most connections of PgBouncer to one database as one user: its default. */
export const POOL_SIZE = 20

/**
 * Starts PgBouncer in front of a database, as it comes but for the pool mode. It ends with the test.
 * @throws when it is not installed
 */
export async function startPgBouncer (t: Test, connectionString: string, mode: 'transaction' | 'session' = 'transaction'): Promise<PgBouncer> {
  const server = new URL(connectionString)
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-pgbouncer-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  const port = await freePort()
  await writeFile(join(folder, 'users.txt'), `"${decodeURIComponent(server.username)}" "${decodeURIComponent(server.password)}"\n`)
  await writeFile(join(folder, 'pgbouncer.ini'), [
    '[databases]', `* = host=${server.hostname} port=${server.port}`,
    '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', `auth_file = ${join(folder, 'users.txt')}`, `pool_mode = ${mode}`
  ].join('\n'))
  // Like PostgreSQL, it refuses to run as root.
  const { prefix, ...ids } = await chooseAccount('env', folder)
  const [file = 'pgbouncer', ...rest] = [...prefix, 'pgbouncer', join(folder, 'pgbouncer.ini')]
  const child = spawn(file, rest, { ...ids, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH } })
  let output = ''
  let failure: NodeJS.ErrnoException | undefined
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output += text })
  child.on('error', error => { failure = error })
  const ended = new Promise<void>(resolve => { child.once('close', () => resolve()) })
  t.teardown(async () => {
    child.kill('SIGINT')
    const timer = setTimeout(() => { child.kill('SIGKILL') }, 2_000)
    await ended
    clearTimeout(timer)
    if (!t.passing()) console.error(`output of PgBouncer:\n${output}`)
  })
  while (!output.includes('process up')) {
    if (failure?.code === 'ENOENT') throw new Error('These tests need PgBouncer, which is not installed: apt-get install pgbouncer')
    if (failure !== undefined || child.exitCode !== null) throw new Error(`PgBouncer did not start: ${failure?.message ?? output}`)
    await delay(10)
  }
  server.hostname = '127.0.0.1'
  server.port = String(port)
  return { connectionString: server.href, output: () => output }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
