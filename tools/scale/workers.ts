import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Closers } from '../harness/closers.js'
import type { OpenedDatabase } from '../harness/databases.js'
import { fillPending } from '../harness/fill.js'
import { percentile } from '../harness/statistics.js'

/** What a worker says when it is done: how long each claim that found work took, in milliseconds. */
export interface Told { claims: number[], delivered: number }

/** Deliveries of so many processes on one database. Affitor is a pause of 50 ms, so that the database is what is measured. */
export async function measureWorkers (closers: Closers, database: OpenedDatabase, processes: number, facts: number): Promise<string> {
  await fillPending(database, facts)
  await database.query('vacuum analyze')
  const workers = Array.from({ length: processes }, () => fork(new URL('worker.ts', import.meta.url), [database.url], { execArgv: ['--import=tsx'] }))
  closers.add(async () => { for (const worker of workers) worker.kill() })
  // Each says that it is ready, then that it is done.
  await Promise.all(workers.map(worker => once(worker, 'message')))
  const done = workers.map(worker => once(worker, 'message'))
  const begin = performance.now()
  for (const worker of workers) worker.send('go')
  const told = (await Promise.all(done)).map(([message]) => message as Told)
  const seconds = (performance.now() - begin) / 1_000
  const claims = told.flatMap(worker => worker.claims)
  const twice = await database.count('select count(*) - count(distinct tracking_event_id) from delivery_attempts')
  const left = await database.count("select count(*) from tracking_events where state <> 'delivered'")
  return `${processes} worker ${processes === 1 ? 'process' : 'processes'}, 32 in hand each: ${facts} facts in ${seconds.toFixed(1)} s, ${Math.round(facts / seconds)}/s; ` +
    `claims ${percentile(claims, 0.5).toFixed(1)} ms p50, ${percentile(claims, 0.95).toFixed(1)} ms p95 (${claims.length}); ` +
    `each delivered ${told.map(({ delivered }) => delivered).join(', ')}; ${twice} twice, ${left} left\n`
}
