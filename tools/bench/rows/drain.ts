import type { OpenedDatabase } from '../../harness/databases.js'
import { ratios } from '../../harness/statistics.js'
import { checkCalls, startAffitor } from '../affitor.js'
import type { Affitor } from '../affitor.js'
import { fillPending } from '../../harness/fill.js'
import { send } from '../load.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { startSide, startWorker } from '../servers.js'
import type { Running } from '../servers.js'
import { makeWebhooks } from '../webhooks.js'

const AFFITOR_MS = 50
const CONCURRENCY = 32
/** Calls that so many at once can make in a second when each takes so long: no program is better. */
const LIMIT = CONCURRENCY / AFFITOR_MS * 1_000

export const drain: Row = {
  name: 'drain',
  title: `draining 10,000 pending events, Affitor ${AFFITOR_MS} ms, ${CONCURRENCY} at once`,

  async measure (setting) {
    const { quick } = setting
    const events = quick ? 320 : 10_000
    const affitor = await startAffitor(setting, AFFITOR_MS)
    const [ours, others] = [await setting.database('drain'), await setting.database('drain_others')]
    const problems: string[] = []

    const workers = (count: number) => async () => {
      const options = { database: ours, affitorUrl: affitor.url, concurrency: CONCURRENCY }
      const running = await Promise.all(Array.from({ length: count }, () => startWorker(setting, options)))
      const rate = await drained(ours, affitor, events, problems)
      for (const { end } of running) await end()
      return rate
    }
    const oneAtATime = async () => {
      const common = { DATABASE_URL: others.url, AFFITOR_API_URL: affitor.url }
      const side = await startSide(setting, 'transactional', { ...common, JOBS_AT_ONCE: '1' })
      const rate = await drainedByJobs(side, affitor, quick ? 20 : 200, problems)
      // A job that is called and not yet marked as done would be called again by the next start.
      await others.until('select count(*) from jobs where done_at is null', 0)
      await side.end()
      return rate
    }
    const bare = async () => {
      const requests = Array.from({ length: events }, (_, index) => ({ method: 'POST' as const, path: '/', body: `{"transaction_id":"${index}"}` }))
      const load = await send({ url: affitor.url, connections: 2 * CONCURRENCY, requests, expected: 200 })
      problems.push(...load.problems)
      await affitor.calls()
      return load.perSecond
    }

    const { one, two, single, standIn } = await inTurns(setting, 3, { one: workers(1), two: workers(2), single: oneAtATime, standIn: bare }, false)
    return {
      sides: [
        { role: 'ours', what: 'one worker process', unit: '/s', rounds: one },
        { role: 'ours', what: `two worker processes, ${2 * CONCURRENCY} at once`, unit: '/s', rounds: two },
        { role: 'limit', what: `${CONCURRENCY} / ${AFFITOR_MS} ms`, unit: '/s', rounds: one.map(() => LIMIT) },
        { role: 'other', what: 'one at a time', unit: '/s', rounds: single },
        { role: 'other', what: `the stand-in alone, called by ${2 * CONCURRENCY} bare connections`, unit: '/s', rounds: standIn }
      ],
      targets: [
        { what: 'of the limit', unit: '×', rounds: one.map(rate => rate / LIMIT), atLeast: 0.85 },
        { what: 'two processes, of one', unit: '×', rounds: ratios(two, one), atLeast: 1.8 }
      ],
      notes: [`${events} events of as many customers. One at a time: of ${quick ? 20 : 200} events. The stand-in is not what holds two processes up: bare connections get ${2 * LIMIT}/s of it at best, and what they got is above.`],
      problems
    }
  }
}

/** Fills the ledger and waits until it is empty. @returns events a second, from the first call to the last answer */
async function drained (database: OpenedDatabase, affitor: Affitor, events: number, problems: string[]): Promise<number> {
  const keys = await fillPending(database, events)
  // To all workers at the same moment.
  await database.query('select pg_notify(\'fastify_affitor\', \'tracking_events\')')
  await database.until('select count(*) from tracking_events where state = \'pending\'', 0)
  const delivered = await database.count('select count(*) from tracking_events where state = \'delivered\'')
  if (delivered !== events) problems.push(`${events} events were to be delivered, ${delivered} are`)
  const calls = await affitor.calls()
  problems.push(...checkCalls('the workers', keys, calls))
  await database.query('truncate tracking_events, delivery_attempts cascade')
  return perSecond(calls)
}

async function drainedByJobs ({ url }: Running, affitor: Affitor, events: number, problems: string[]): Promise<number> {
  const made = makeWebhooks(events)
  const { problems: found } = await send({ url, connections: 10, requests: made.map(({ request }) => request), expected: 200 })
  const calls: Awaited<ReturnType<Affitor['calls']>> = []
  for (const end = performance.now() + 60_000; calls.length < events && performance.now() < end; calls.push(...await affitor.calls())) {
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  problems.push(...found, ...checkCalls('one at a time', made.map(({ sessionId }) => sessionId), calls))
  return perSecond(calls)
}

function perSecond (calls: Array<{ at: number }>): number {
  const times = calls.map(({ at }) => at)
  return calls.length / (times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b)) + AFFITOR_MS) * 1_000
}
