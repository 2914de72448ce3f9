import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { ratios } from '../../harness/statistics.js'
import { installedMegabytes } from '../install.js'
import { inTurns } from '../rounds.js'
import type { Row, Side, Target } from '../row.js'
import { startService, startSide } from '../servers.js'
import type { Running } from '../servers.js'

/** How long a process does nothing before its memory is read, in milliseconds. */
const IDLE_MS = { quick: 500, full: 3_000 }

export const start: Row = {
  name: 'start',
  title: 'start and size',

  async measure (setting) {
    const { quick } = setting
    const database = await setting.database('start')
    const service = () => startService(setting, { database, workers: true })
    const bare = () => startSide(setting, 'bare')
    const times = await inTurns(setting, 9, { service: startTime(service), bare: startTime(bare) }, false)
    const idleMs = quick ? IDLE_MS.quick : IDLE_MS.full
    const memory = await inTurns(setting, 3, { service: memoryOf(service, idleMs), bare: memoryOf(bare, idleMs) }, false)

    const sides: Side[] = [
      { role: 'ours', what: 'ready', unit: 'ms', rounds: times.service },
      { role: 'limit', what: 'bare Fastify ready', unit: 'ms', rounds: times.bare },
      { role: 'ours', what: 'resident idle', unit: 'MB', rounds: memory.service },
      { role: 'limit', what: 'bare Fastify resident idle', unit: 'MB', rounds: memory.bare }
    ]
    const targets: Target[] = [
      { what: 'ready, of bare Fastify', unit: '×', rounds: ratios(times.service, times.bare), atMost: 3 },
      { what: 'resident idle', unit: 'MB', rounds: memory.service, atMost: 150 }
    ]
    if (!quick) {
      const installed = [await installedMegabytes()]
      sides.push({ role: 'ours', what: 'production install', unit: 'MB', rounds: installed })
      targets.push({ what: 'production install', unit: 'MB', rounds: installed, atMost: 150 })
    }
    return { sides, targets, notes: ['With DATABASE_URL, its tables up to date, and the workers in the process. Quick runs leave the installation out.'], problems: [] }
  }
}

/** Milliseconds from the start of a process to its first 200. */
function startTime (begin: () => Promise<Running>) {
  return async () => {
    const at = performance.now()
    const { end } = await begin()
    const taken = performance.now() - at
    await end()
    return taken
  }
}

/** Resident megabytes of an idle process. */
function memoryOf (begin: () => Promise<Running>, idleMs: number) {
  return async () => {
    const { pid, end } = await begin()
    await delay(idleMs)
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
    await end()
    return Number(stdout) * 1_024 / 1e6
  }
}
