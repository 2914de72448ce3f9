import { readdir, readFile } from 'node:fs/promises'

/** Milliseconds of a clock tick, in which Linux counts processor time. */
const TICK_MS = 10

/** Processor time in milliseconds, from Linux's /proc. */
interface Spent { parent: number, own: number, endedChildren: number }

/** Milliseconds of processor time that a process has taken, all of its threads together. */
export async function timeOfProcess (pid: number): Promise<number> {
  return (await spentBy(pid))?.own ?? NaN
}

/**
 * Milliseconds of processor time that a PostgreSQL server has taken: its backends, those that have ended, and the
 * processes that write for all of them.
 * @param backend pid of any of its backends
 */
export async function timeOfPostgres (backend: number): Promise<number> {
  const server = (await spentBy(backend))?.parent ?? NaN
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(pids.map(async pid => [pid, await spentBy(pid)] as const))
  return all.reduce((sum, [pid, spent]) => {
    if (pid === server) return sum + (spent === undefined ? NaN : spent.own + spent.endedChildren)
    return sum + (spent?.parent === server ? spent.own : 0)
  }, 0)
}

/** @returns undefined when there is no such process */
async function spentBy (pid: number): Promise<Spent | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // Its second field is a name, which may have spaces and brackets.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ').map(Number)
  if (fields === undefined) return undefined
  const [user = NaN, system = NaN, childrenUser = NaN, childrenSystem = NaN] = fields.slice(11, 15)
  return { parent: fields[1] ?? NaN, own: (user + system) * TICK_MS, endedChildren: (childrenUser + childrenSystem) * TICK_MS }
}
