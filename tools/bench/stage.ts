import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closers } from '../harness/closers.js'
import { compile } from './compile.js'
import type { Options } from './options.js'
import { startPostgres } from '../harness/databases.js'
import type { BenchPostgres } from '../harness/databases.js'

/** What all rows share. */
export interface Stage {
  quick: boolean
  closers: Closers
  /** The one PostgreSQL server of all sides. */
  postgres: BenchPostgres
  /** Folder with the compiled service and the servers that it is compared with. */
  compiled: string
  /** An empty folder: the working directory of all programs. */
  folder: string
  /** Folder for CPU profiles of the service, when they are wanted. */
  profiles: string | undefined
}

export async function setStage ({ quick, profile }: Options, closers: Closers): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-bench-'))
  closers.add(() => rm(folder, { recursive: true, force: true }))
  const compiled = await compile()
  closers.add(compiled.remove)
  return {
    quick,
    closers,
    postgres: await startPostgres(closers),
    compiled: compiled.folder,
    folder,
    profiles: profile ? join(folder, 'profiles') : undefined
  }
}
