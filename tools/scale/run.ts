import { cpus, loadavg, totalmem } from 'node:os'
import { openDatabase } from '../../src/db/pool.js'
import { makeDatabase } from '../harness/databases.js'
import { fillSettled } from '../harness/fill.js'
import { wholeNumber } from '../harness/options.js'
import type { Command } from '../harness/options.js'
import { startPostgres } from '../harness/postgres.js'
import type { Postgres } from '../harness/postgres.js'
import { runTool } from '../harness/tool.js'
import type { Closers } from '../harness/closers.js'
import { measureFact, measureSizes } from './cost.js'
import { tryPartitions } from './partitions.js'
import { readPlans } from './plans.js'
import { measureWorkers } from './workers.js'

interface Options {
  rows: number
  facts: number
}

const command: Command<Options> = {
  command: 'npm run scale',
  what: 'Measures what one PostgreSQL carries: what a fact costs, ten workers at once, the plans of 50 million facts, and partitions.',
  options: {
    rows: wholeNumber('settled rows of each table, of which bytes are counted and plans are made', 100_000, 10_000),
    facts: wholeNumber('facts that the workers deliver in each run', 2_000, 500)
  }
}

/** Facts of which plans are made. */
const MANY = 50_000_000

await runTool(command, async (_, closers: Closers) => ({ closers, postgres: await startPostgres(closers) }), async ({ closers, postgres }, { rows, facts }) => {
  console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)} before\n`)
  const { database, db } = await open(closers, postgres, 'scale_cost')
  console.log(await measureFact(database, db))
  for (const processes of [1, 10]) {
    console.log(await measureWorkers(closers, (await open(closers, postgres, `scale_${processes}`)).database, processes, facts))
  }
  const large = await open(closers, postgres, 'scale_large')
  await fillSettled(large.database, rows)
  await large.database.query('vacuum analyze')
  console.log(await measureSizes(large.database, rows))
  const { text, scans } = await readPlans(large.database, MANY)
  console.log(text)
  console.log(await tryPartitions(large.database))
  return scans === 0
})

async function open (closers: Closers, postgres: Postgres, name: string) {
  const database = await makeDatabase(closers, postgres, name)
  const { pool, db } = openDatabase({ connectionString: database.url, poolSize: 4 })
  closers.add(() => pool.end())
  return { database, db }
}
