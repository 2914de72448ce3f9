import { randomUUID } from 'node:crypto'
import type { OpenedDatabase } from '../../harness/databases.js'
import { percentile, ratios } from '../../harness/statistics.js'
import { checkCalls, startAffitor } from '../affitor.js'
import { send, steady } from '../load.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { nowhere, startService, startSide } from '../servers.js'

const CONNECTIONS = 16
const AFFITOR_MS = 50
/** How long each measurement takes. */
const SECONDS = 3

export const signup: Row = {
  name: 'signup',
  title: `signup, ${CONNECTIONS} connections`,

  async measure (setting) {
    const { quick } = setting
    const [up, away, others] = [await setting.database('signup'), await setting.database('signup_away'), await setting.database('signup_others')]
    const [affitor, guidesAffitor] = await Promise.all([startAffitor(setting, AFFITOR_MS), startAffitor(setting, AFFITOR_MS)])
    const [hashes, guide, service, serviceAway] = await Promise.all([
      startSide(setting, 'hashes'),
      startSide(setting, 'guide', { DATABASE_URL: others.url, AFFITOR_API_URL: guidesAffitor.url }),
      startService(setting, { database: up, affitorUrl: affitor.url, workers: true }),
      startService(setting, { database: away, affitorUrl: await nowhere(), workers: true })
    ])

    const problems: string[] = []
    const load = (url: string, after: (count: number) => Promise<string[]>) =>
      steady(SECONDS, quick ? 16 : 400, async count => {
        const done = await send({ url, connections: CONNECTIONS, requests: signups(count), expected: 201 })
        problems.push(...done.problems, ...await after(count))
        return { ...done, p99: percentile(done.latencies, 0.99) }
      })
    const figures = await inTurns(setting, 5, {
      limit: steady(SECONDS, quick ? 16 : 400, async count => {
        const response = await fetch(`${hashes.url}/hashes?count=${count}&atOnce=${CONNECTIONS}`)
        return { ...await response.json() as { perSecond: number }, latencies: [], problems: [], p99: NaN }
      }),
      service: load(service.url, async count => [
        ...await settled(up, count),
        ...checkCalls('signup', await ids(up), await affitor.calls()),
        ...await cleared(up)
      ]),
      away: load(serviceAway.url, async count => [...await stored(away, count), ...await cleared(away)]),
      guide: load(guide.url, async count => {
        const calls = await guidesAffitor.calls()
        return calls.length === count ? [] : [`the guide's signup: ${count} leads were expected, ${calls.length} came`]
      })
    }) as unknown as Record<'limit' | 'service' | 'away' | 'guide', Array<{ perSecond: number, p99: number }>>

    const rate = (side: keyof typeof figures) => figures[side].map(({ perSecond }) => perSecond)
    const p99 = (side: keyof typeof figures) => figures[side].map(figure => figure.p99)
    return {
      sides: [
        { role: 'ours', what: 'Affitor in 50 ms', unit: '/s', rounds: rate('service') },
        { role: 'ours', what: 'Affitor unreachable', unit: '/s', rounds: rate('away') },
        { role: 'ours', what: 'p99, Affitor in 50 ms', unit: 'ms', rounds: p99('service') },
        { role: 'ours', what: 'p99, Affitor unreachable', unit: 'ms', rounds: p99('away') },
        { role: 'limit', what: 'argon2id alone', unit: '/s', rounds: rate('limit') },
        { role: 'other', what: 'the guide: Affitor within the signup', unit: '/s', rounds: rate('guide') },
        { role: 'other', what: 'p99 of the guide', unit: 'ms', rounds: p99('guide') }
      ],
      targets: [
        { what: 'of the limit', unit: '×', rounds: ratios(rate('service'), rate('limit')), atLeast: 0.85 },
        { what: 'p99 with Affitor unreachable, of that with it up', unit: '×', rounds: ratios(p99('away'), p99('service')), atMost: 1.1 }
      ],
      notes: ['The workers run within the process, as they do by default. Unreachable: every connection is refused at once, so that as many attempts as possible are made meanwhile.'],
      problems
    }
  }
}

function signups (count: number) {
  return Array.from({ length: count }, () => ({
    method: 'POST' as const,
    path: '/api/signup',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: 'correct horse battery staple', affitorClickId: 'cust_42_1714000000000' })
  }))
}

/** Whether every answered signup is there: the user, and its lead. */
async function stored (database: OpenedDatabase, count: number): Promise<string[]> {
  const users = await database.count('select count(*) from users join tracking_events on kind = \'lead\' and transaction_id = users.id')
  return users === count ? [] : [`${count} signups were answered 201, and ${users} users with a lead are in the database`]
}

/** Waits until all leads are delivered. */
async function settled (database: OpenedDatabase, count: number): Promise<string[]> {
  await database.until('select count(*) from tracking_events where state = \'pending\'', 0)
  const delivered = await database.count('select count(*) from tracking_events where state = \'delivered\'')
  return [...await stored(database, count), ...(delivered === count ? [] : [`${count} leads were to be delivered, ${delivered} are`])]
}

async function ids (database: OpenedDatabase): Promise<string[]> {
  return (await database.query<{ id: string }>('select id from users')).map(({ id }) => id)
}

/** Leaves nothing for the workers to do while other sides are measured. */
async function cleared (database: OpenedDatabase): Promise<string[]> {
  await database.query('truncate users, tracking_events, delivery_attempts cascade')
  return []
}
