import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run, self } from './run.js'

const pidFile = (data: string) => join(data, 'postmaster.pid')

/** The process of the server that runs on these data, or ran there when it was killed. */
export async function serverProcess (data: string): Promise<number | undefined> {
  return parseInt(await readFile(pidFile(data), 'utf8').catch(() => '')) || undefined
}

/** The port on which the last server of these data listened, or listens: PostgreSQL notes how it was started. */
export async function lastPort (data: string): Promise<number | undefined> {
  const command = await readFile(join(data, 'postmaster.opts'), 'utf8').catch(() => '')
  return Number(/"port=(\d+)"/.exec(command)?.[1]) || undefined
}

/** Ends a server without losing a commit, and waits for it, 30 seconds at worst. */
export async function endServer (data: string, pid: number): Promise<void> {
  // Fast shutdown ends sessions and writes a checkpoint; seconds, even with a slow disk. Immediate shutdown writes
  // nothing: the next start recovers from the log, as it does on Windows, where every signal ends the process at once.
  for (const [signal, patience] of [['SIGINT', 20_000], ['SIGQUIT', 10_000]] as const) {
    if (processExists(pid)) process.kill(pid, signal)
    for (const end = performance.now() + patience; performance.now() < end; await delay(20)) {
      // The file goes last. The process may stay as a zombie, where nobody asks for its result.
      if (!processExists(pid) || await serverProcess(data) !== pid) return
    }
  }
}

/**
 * Removes `postmaster.pid` when its process is certainly no server of these data. PostgreSQL itself discards the file
 * of a dead process, but refuses to start when the id now belongs to another process of the same user, as it does
 * after a restart in a container. A second server is refused without the file too, by the memory of the first.
 */
export async function removeForeignPidFile (data: string): Promise<void> {
  const pid = await serverProcess(data)
  if (pid === undefined || !processExists(pid) || process.platform === 'win32') return
  const command = await (process.platform === 'linux'
    ? readFile(`/proc/${pid}/cmdline`, 'utf8')
    : run(self, 'ps', ['-ww', '-o', 'command=', '-p', String(pid)])).catch(() => undefined)
  if (command !== undefined && !command.includes(data)) await rm(pidFile(data), { force: true })
}

export function processExists (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
