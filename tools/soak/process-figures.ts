import { readdir, readFile } from 'node:fs/promises'

export interface ProcessFigures { residentMb: number, descriptors: number }

/** Resident memory and open descriptors of a process, from Linux's /proc. */
export async function processFigures (pid: number): Promise<ProcessFigures> {
  const [status, descriptors] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readdir(`/proc/${pid}/fd`)])
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return { residentMb: Number(kilobytes) / 1_024, descriptors: descriptors.length }
}
