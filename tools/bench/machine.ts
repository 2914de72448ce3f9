import { cpus, loadavg, platform, release, totalmem } from 'node:os'

/** Where and when something was measured. */
export interface Machine {
  date: string
  processor: string
  cores: number
  memoryGb: number
  system: string
  node: string
  postgres: string
  /** Load average of the minute before: what else the machine had to do. */
  load: number
}

export function describeMachine (postgres: string): Machine {
  const processors = cpus()
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10
  }
}
