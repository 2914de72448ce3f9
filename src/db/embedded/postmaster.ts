import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Binaries } from './binaries.js'
import { superuserClient } from './connection.js'
import type { Address } from './connection.js'
import { spawnAs } from './run.js'
import type { Account } from './run.js'

export interface ServerOptions {
  binaries: Binaries
  account: Account
  root: string
  data: string
  address: Address
  settings: Record<string, string>
  log: (message: string) => void
}

/** A running server process. */
export interface Postmaster {
  /** What the process said last, once it has ended. */
  exited: Promise<string>
  /** Resolves when the server accepts connections; rejects when it ends first, with its own message. */
  ready (): Promise<void>
  /** Ends the server without losing a commit, and waits for it. */
  stop (): Promise<void>
  signal (name: NodeJS.Signals): void
}

// Fast shutdown ends sessions and writes a checkpoint; seconds, even with a slow disk.
const fastShutdown = 20_000
// Immediate shutdown writes nothing: the next start recovers from the log.
const immediateShutdown = 10_000

const ownSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  // Errors of single statements go to the client that caused them, and would repeat its data here.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  log_line_prefix: '',
  lc_messages: 'C'
}

/** Starts a server process. */
export function startPostmaster ({ binaries, account, root, data, address, settings, log }: ServerOptions): Postmaster {
  const all = { ...ownSettings, ...settings, port: String(address.port) }
  const args = ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  // Detached: Ctrl-C in a terminal signals the whole process group, and the application
  // still needs its database while it shuts down.
  const child = spawnAs(account, binaries.postgres, args, { cwd: root, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const last: string[] = []
  let isReady = false
  let isStopping = false
  let hasExited = false

  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').filter(line => line.trim() !== '')) {
      last.push(line.trim())
      if (last.length > 8) last.shift()
      if (isReady && !isStopping && /^(FATAL|PANIC):/.test(line)) log(`postgres: ${line}`)
    }
  })
  const exited = new Promise<string>(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('exit', (code, signal) => {
      hasExited = true
      // Its last words may still be in the pipe, and its own children may keep that open.
      const end = () => resolve(last.join(' ') || `ended with ${signal ?? `code ${code}`}`)
      child.once('close', end)
      setTimeout(end, 500).unref()
    })
  })

  // On Windows every signal ends the process at once, which the server's log recovers from.
  const signal = (name: NodeJS.Signals): void => { if (!hasExited) child.kill(name) }
  // By process.exit() or an uncaught error nobody stops it, and this is all that can still be done.
  const onExit = (): void => signal('SIGINT')
  process.on('exit', onExit)
  child.once('exit', () => process.off('exit', onExit))
  child.once('error', () => process.off('exit', onExit))

  return {
    exited,
    signal,
    async ready () {
      const ended = new AbortController()
      const early = exited.then(message => {
        ended.abort()
        throw new Error(`The database server did not start: ${message}`)
      })
      await Promise.race([early, untilAccepting(address, ended.signal, log)])
      isReady = true
      early.catch(() => {})
    },
    async stop () {
      isStopping = true
      for (const [name, time] of [['SIGINT', fastShutdown], ['SIGQUIT', immediateShutdown], ['SIGKILL', 60_000]] as const) {
        if (hasExited || child.pid === undefined) return
        signal(name)
        const timer = new AbortController()
        await Promise.race([exited, delay(time, undefined, { signal: timer.signal }).catch(() => {})])
        timer.abort()
      }
    }
  }
}

async function untilAccepting (address: Address, signal: AbortSignal, log: (message: string) => void): Promise<void> {
  let refusals = 0
  let nextWord = performance.now() + 10_000
  while (!signal.aborted) {
    const client = superuserClient(address)
    try {
      await client.connect()
      return
    } catch (error) {
      const { code, message } = error as pg.DatabaseError
      // Perhaps another server has the port, and ours is about to say so. Then give it that time.
      if (code === '28P01' && ++refusals > 20) throw new Error(`The password file of the embedded server does not fit: ${message}`)
      if (performance.now() > nextWord) {
        log(`waiting for the database server (${message}); after a crash it first recovers from its log`)
        nextWord += 10_000
      }
    } finally {
      await client.end().catch(() => {})
    }
    await delay(20, undefined, { signal }).catch(() => {})
  }
}
