import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync, unlinkSync } from 'node:fs'
import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

// A live owner touches its file this often ...
const heartbeat = 1_000
// ... and is taken for dead when it did not for this long, if nothing quicker decides.
const usualPatience = 10_000

export interface Lease {
  release (): Promise<void>
}

export interface LeaseOptions {
  /** Whether the running database server says that it has an owner. */
  serverHasOwner: () => Promise<boolean>
  /** Called when another process took the file over, because this one stood still for too long. */
  onLost: () => void
  log: (message: string) => void
  /** How long to watch an owner's file, in milliseconds; 10 seconds unless given. */
  patience?: number
}

interface Holder { token: string, pid: number, machine: string }

const heldHere = new Set<string>()

/**
 * Makes this process the one owner of a data directory, from the first write to the last.
 *
 * The owner is a file, created exclusively, that its process keeps touching. Whether the owner
 * of an existing file lives is decided by, in this order:
 * 1. the owner's lock in the running server: held means alive, even if the process stands still;
 * 2. its process id, only to learn that it is dead: in the same id namespace there is no such
 *    process, or it is our own. A process that exists proves nothing, ids are used again;
 * 3. the file: touched within 10 seconds means alive. This also covers a container or machine
 *    that shares the directory and sees neither our processes nor our loopback address.
 *
 * @returns the lease, or undefined when a live process has it
 */
export async function takeLease (path: string, options: LeaseOptions): Promise<Lease | undefined> {
  for (;;) {
    const lease = await create(path, options)
    if (lease !== undefined) return lease
    const seen = await look(path)
    if (seen === undefined) continue
    if (await isAlive(path, seen, options)) return undefined
    await discard(path, seen.content)
  }
}

async function create (path: string, { onLost }: LeaseOptions): Promise<Lease | undefined> {
  const holder: Holder = { token: randomUUID(), pid: process.pid, machine: machine() }
  const content = JSON.stringify(holder)
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
  await file.writeFile(content)
  heldHere.add(holder.token)

  const timer = setInterval(() => {
    const now = new Date()
    file.utimes(now, now).catch(() => {})
    readFile(path, 'utf8').then(found => {
      if (found === content || !heldHere.has(holder.token)) return
      clearInterval(timer)
      onLost()
    }, () => {})
  }, heartbeat)
  timer.unref()

  // Also for the exit of a process that does not release: nothing asynchronous runs any more then.
  function end (): void {
    clearInterval(timer)
    heldHere.delete(holder.token)
    try {
      if (readFileSync(path, 'utf8') === content) unlinkSync(path)
    } catch {}
  }
  process.on('exit', end)
  return {
    async release () {
      process.off('exit', end)
      end()
      await file.close()
    }
  }
}

interface Sight { content: string, touched: number }

async function look (path: string): Promise<Sight | undefined> {
  try {
    // Opened each time: a network file system shows another client's changes only then.
    const file = await open(path, 'r')
    try {
      return { content: await file.readFile('utf8'), touched: (await file.stat()).mtimeMs }
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function isAlive (path: string, first: Sight, { serverHasOwner, log, patience = usualPatience }: LeaseOptions): Promise<boolean> {
  const holder = parse(first.content)
  if (holder !== undefined && heldHere.has(holder.token)) return true
  if (await serverHasOwner()) return true
  if (holder !== undefined && holder.machine === machine() && (holder.pid === process.pid || !processExists(holder.pid))) return false

  log(`the data directory has an owner that may be gone; watching it for up to ${patience / 1000} seconds`)
  for (const end = performance.now() + patience; performance.now() < end;) {
    await delay(heartbeat / 4)
    const now = await look(path)
    if (now === undefined) return false
    if (now.content !== first.content || now.touched !== first.touched) return true
  }
  return false
}

/** Removes the file of a dead owner. Of several that try, one removes it; the others find it gone or another's. */
async function discard (path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // Another process was quicker, and this is its new file: put it back.
  if (await readFile(aside, 'utf8') !== content) await link(aside, path).catch(() => {})
  await unlink(aside)
}

function parse (content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder
  } catch {
    return undefined
  }
}

/** Two processes with the same value see each other's process ids. */
function machine (): string {
  if (process.platform !== 'linux') return hostname()
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return randomUUID()
  }
}

export function processExists (pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
