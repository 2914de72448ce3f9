import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closers } from './closers.js'
import { compile } from './compile.js'
import { Ledger } from './ledger.js'
import { startPostgres } from './postgres.js'
import type { Postgres } from './postgres.js'
import { sandboxSecrets, startAffitorStandIn, startStripeStandIn } from './stand-ins.js'
import type { RunningStripe, StartedAffitor } from './stand-ins.js'
import { makeTables } from './tables.js'

/** What all tools play on. */
export interface Stage {
  closers: Closers
  postgres: Postgres
  /** Folder with the compiled service, and what is compared with it. */
  compiled: string
  /** An empty folder: the working directory of all programs, in which no `.env` lies. */
  folder: string
}

/** A stage with the service's tables and both stand-ins, as in sandbox mode. */
export interface ShopStage extends Stage {
  affitor: StartedAffitor
  stripe: RunningStripe
  ledger: Ledger
}

export async function setStage (closers: Closers): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-tools-'))
  closers.add(() => rm(folder, { recursive: true, force: true }))
  const compiled = await compile()
  closers.add(compiled.remove)
  return { closers, folder, compiled: compiled.folder, postgres: await startPostgres(closers) }
}

export async function setShopStage (closers: Closers): Promise<ShopStage> {
  const stage = await setStage(closers)
  const { connectionString } = stage.postgres
  await makeTables(connectionString)
  const ledger = new Ledger(connectionString)
  closers.add(() => ledger.close())
  const onClose = closers.add.bind(closers)
  const secrets = sandboxSecrets()
  return {
    ...stage,
    ledger,
    affitor: await startAffitorStandIn(onClose, secrets.affitor),
    stripe: await startStripeStandIn(onClose, secrets.stripe)
  }
}
