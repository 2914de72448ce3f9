import { join } from 'node:path'
import type { Closers } from '../harness/closers.js'
import { makeDatabase, withClient } from '../harness/databases.js'
import type { OpenedDatabase } from '../harness/databases.js'
import { setStage } from '../harness/stage.js'
import type { Stage } from '../harness/stage.js'

export interface Options {
  quick: boolean
  /** Names of the rows to be measured; empty: all. */
  only: string[]
  /** Take CPU profiles of the service's processes. */
  profile: boolean
}

/** What all rows share: a stage with one PostgreSQL server for all sides. */
export interface Setting extends Stage {
  quick: boolean
  /** Folder for CPU profiles of the service, when they are wanted. */
  profiles: string | undefined
  postgresVersion: string
  /** Makes a database with the service's tables. */
  database (name: string): Promise<OpenedDatabase>
  /** Writes out what is only in the log so far: no side is to pay for another one's writes. */
  checkpoint (): Promise<void>
}

export async function set ({ quick, profile }: Options, closers: Closers): Promise<Setting> {
  const stage = await setStage(closers)
  const { postgres, folder } = stage
  const ask = async (sql: string) => await withClient(postgres.adminConnectionString, async client => (await client.query(sql)).rows)
  const [shown] = await ask('show server_version')
  return {
    ...stage,
    quick,
    profiles: profile ? join(folder, 'profiles') : undefined,
    postgresVersion: shown?.server_version ?? 'unknown',
    database: name => makeDatabase(closers, postgres, name),
    async checkpoint () { await ask('checkpoint') }
  }
}
