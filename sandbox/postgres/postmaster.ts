import type { Cluster } from './cluster.js'
import { startDetached } from './run.js'

/** A server process that this process has started. */
export interface Postmaster {
  pid: number | undefined
  /** Once it has ended: what it said last, and whether by its own fault. */
  ended (): { words: string, isFailure: boolean } | undefined
  /** From now on this process may end, and the server goes on. */
  letGo (): void
}

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

/** That it starts or stops is no news. */
const NO_NEWS = /^FATAL:.*(the database system is|administrator command)/

/**
 * Starts a server process. It ends at once, saying so, when another one runs on the same data.
 * @param log told what goes wrong while it runs
 */
export function startPostmaster (
  { postgres, account, root, data }: Cluster, port: number, settings: Record<string, string>, log: (message: string) => void
): Postmaster {
  const all = { ...ownSettings, ...settings, port: String(port) }
  // Detached: Ctrl-C in a terminal signals the whole process group, and the application still needs its database
  // while it shuts down. When this process is gone, the server writes to a closed pipe, which does not disturb it.
  const child = startDetached(account, postgres, ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])], root)
  const last: string[] = []
  let isReady = false
  let ended: { words: string, isFailure: boolean } | undefined

  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    for (const line of chunk.split('\n').map(text => text.trim()).filter(text => text !== '' && !NO_NEWS.test(text))) {
      last.push(line)
      if (last.length > 8) last.shift()
      isReady ||= line.includes('ready to accept connections')
      if (isReady && /^(FATAL|PANIC):/.test(line)) log(`postgres: ${line}`)
    }
  })
  // By process.exit() or an uncaught error nobody leaves in good order. Other users start the server again.
  const onExit = () => { child.kill('SIGINT') }
  process.on('exit', onExit)
  child.on('error', error => { ended ??= { words: error.message, isFailure: true } })
  child.on('exit', (code, signal) => {
    process.off('exit', onExit)
    // Its last words may still be in the pipe, and its own children may keep that open.
    const end = () => { ended ??= { words: last.join(' ') || `ended with ${signal ?? `code ${code}`}`, isFailure: code !== 0 && signal === null } }
    child.once('close', end)
    setTimeout(end, 500).unref()
  })

  return {
    pid: child.pid,
    ended: () => ended,
    letGo () {
      process.off('exit', onExit)
      child.unref()
      child.stderr?.destroy()
    }
  }
}
