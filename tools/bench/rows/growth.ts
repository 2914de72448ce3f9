import { randomUUID } from 'node:crypto'
import { openDatabase } from '../../../src/db/pool.js'
import type { Database } from '../../../src/db/pool.js'
import { claimTrackingEvents } from '../../../src/ledger/delivery.js'
import { setMark, tallyBlocks } from '../../../src/ledger/tallies.js'
import type { OpenedDatabase } from '../../harness/databases.js'
import { ADMIN_TOKEN } from '../../harness/environment.js'
import { median, percentile, ratios } from '../../harness/statistics.js'
import { fillPending, fillSettled, tidy } from '../../harness/fill.js'
import type { Row, Side, Target } from '../row.js'
import { startService } from '../servers.js'
import type { Setting } from '../setting.js'
import { makeWebhooks } from '../webhooks.js'

const PENDING = { quick: 1_000, full: 10_000 }
const SETTLED = { quick: 2_000, full: 1_000_000 }
const CLAIMED = 32
/** Reads that are not counted. */
const WARM_UP = 10
const OWNER = 'bench'

/** One of the two databases, and a service on it. */
interface Shop {
  url: string
  database: OpenedDatabase
  ledger: Database
}

type Work = (shop: Shop) => Promise<void>

export const growth: Row = {
  name: 'growth',
  title: 'growth: 1,000,000 settled events and users, 10,000 pending',

  async measure (setting) {
    const { quick } = setting
    const count = quick ? SETTLED.quick : SETTLED.full
    const problems: string[] = []
    const sides: Side[] = []
    const targets: Target[] = []
    const rounds = quick ? 1 : 5
    const readAll = async (url: string, which: Read[], state: string) => {
      for (const { what, paths } of which) {
        const name = `${what}, p95${state}`
        const times = [percentile(await read(url, paths, rounds * (quick ? 5 : 40), problems), 0.95)]
        sides.push({ role: 'ours', what: name, unit: 'ms', rounds: times })
        targets.push({ what: name, unit: 'ms', rounds: times, atMost: READ_MS })
      }
    }

    const grown = await openShop(setting, 'growth', database => fillSettled(database, count))
    const empty = await openShop(setting, 'growth_empty', async () => {})
    await readAll(grown.url, reports, ', nothing pending')
    for (const { database } of [grown, empty]) await addPending(setting, database)
    const post = (path: string, body: () => RequestInit, status: number): Work => async ({ url }) => {
      await ask(`${url}${path}`, { method: 'POST', ...body() }, status, problems)
    }
    const works: Record<string, Work> = {
      claim: claimSome,
      webhook: post('/webhooks/stripe', webhook, 200),
      signup: post('/api/signup', signup, 201)
    }

    for (const [name, work] of Object.entries(works)) {
      const figures = await compare(work, { grown, empty }, rounds, quick ? 10 : 40)
      sides.push({ role: 'ours', what: name, unit: 'ms', rounds: figures.grown })
      sides.push({ role: 'limit', what: `${name}, nothing settled`, unit: 'ms', rounds: figures.empty })
      targets.push({ what: `${name}, of nothing settled`, unit: '×', rounds: ratios(figures.grown, figures.empty), atMost: 1.2 })
    }
    await readAll(grown.url, [...lists(count), ...reports], '')
    problems.push(...await checkCounts(grown.database, count))
    return { sides, targets, notes: [`${count} rows settled of each; ${quick ? PENDING.quick : PENDING.full} pending in both. One caller; a claim takes ${CLAIMED}.`], problems }
  }
}

async function openShop (setting: Setting, name: string, fill: (database: OpenedDatabase) => Promise<void>): Promise<Shop> {
  const database = await setting.database(name)
  await fill(database)
  const { pool, db } = openDatabase({ connectionString: database.url, poolSize: 2 })
  setting.closers.add(() => pool.end())
  // The workers do not run; theirs is also what is counted for the reports.
  const mark = await setMark(db)
  while (await tallyBlocks(db, mark, 100) > 0) { /* until all is counted */ }
  await tidy(database)
  await setting.checkpoint()
  const { url } = await startService(setting, { database })
  return { url, database, ledger: db }
}

async function addPending (setting: Setting, database: OpenedDatabase): Promise<void> {
  await fillPending(database, setting.quick ? PENDING.quick : PENDING.full)
  await tidy(database)
  await setting.checkpoint()
}

/** Does one work on both shops by turns. @returns the median of each round, in milliseconds */
async function compare (work: Work, shops: Record<'grown' | 'empty', Shop>, rounds: number, times: number): Promise<Record<'grown' | 'empty', number[]>> {
  const medians = { grown: [] as number[], empty: [] as number[] }
  for (let round = 0; round <= rounds; round++) {
    const taken = { grown: [] as number[], empty: [] as number[] }
    for (let index = 0; index < 2 * times; index++) {
      const name = (index + round) % 2 === 0 ? 'grown' : 'empty'
      const begin = performance.now()
      await work(shops[name])
      taken[name].push(performance.now() - begin)
      if (work === claimSome) await giveBack(shops[name])
    }
    // The first round warms up.
    if (round === 0) continue
    medians.grown.push(median(taken.grown))
    medians.empty.push(median(taken.empty))
  }
  return medians
}

async function claimSome ({ ledger }: Shop): Promise<void> {
  const claimed = await claimTrackingEvents(ledger, { owner: OWNER, limit: CLAIMED, leaseSeconds: 40, retrySeconds: 259_200 })
  if (claimed.length !== CLAIMED) throw new Error(`${claimed.length} events were claimed, not ${CLAIMED}`)
}

async function giveBack ({ database }: Shop): Promise<void> {
  await database.query('update tracking_events set leased_until = null, leased_by = null, attempts = 0, give_up_at = null where leased_by = $1 and state = \'pending\'', [OWNER])
}

interface Read {
  what: string
  /** One after the other is asked for. */
  paths: () => string[]
}

/** Longest that an operator waits for anything, in milliseconds. */
const READ_MS = 50

/** What an operator reads, at random places. */
function lists (count: number): Read[] {
  const anywhere = () => Math.ceil(Math.random() * count)
  const list = ['', '?kind=sale', '?state=needs_attention', '?state=pending', '?limit=100']
  return [
    { what: 'the operator\'s list', paths: () => [...list.map(query => `events${query}`), `events?cursor=${anywhere()}`, 'stripe-events'] },
    { what: 'a customer\'s story', paths: () => [`customers/user_${anywhere()}`] },
    { what: 'a search', paths: () => searches(Math.ceil(anywhere() / 2)).map(text => `search?q=${encodeURIComponent(text)}`) }
  ]
}

const reports: Read[] = Object.entries({ summary: 'summary', 'funnel of a day': 'funnel?period=24h', 'funnel of 30 days': 'funnel?period=30d' })
  .map(([what, path]) => ({ what, paths: () => [path] }))

/** What an operator knows of a customer, and what support copies out of a dashboard. */
function searches (customer: number): string[] {
  const key = `user_${customer}`
  return [`${key}@example.com`, key, key.slice(0, -1), `cs_test_${key}`, `cus_${key}`, `sub_${key}`, `cust_42_${2 * customer}`, `evt_${customer}`, 'nobody@example.com']
}

async function read (url: string, paths: () => string[], count: number, problems: string[]): Promise<number[]> {
  const times: number[] = []
  for (let index = -WARM_UP; index < count; index++) {
    const choice = paths()
    const path = choice[Math.abs(index) % choice.length]
    const begin = performance.now()
    await ask(`${url}/api/tracking/${path}`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } }, 200, problems)
    if (index >= 0) times.push(performance.now() - begin)
  }
  return times
}

async function ask (url: string, request: RequestInit, status: number, problems: string[]): Promise<void> {
  const response = await fetch(url, request)
  await response.arrayBuffer()
  if (response.status !== status) problems.push(`${url} was answered ${response.status}`)
}

function webhook (): RequestInit {
  const { headers, body } = makeWebhooks(1)[0]?.request ?? {}
  return { headers: headers ?? {}, body: body ?? '' }
}

function signup (): RequestInit {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: 'correct horse battery staple' }) }
}

async function checkCounts (database: OpenedDatabase, count: number): Promise<string[]> {
  const settled = await database.count('select count(*) from tracking_events where state <> \'pending\'')
  return settled === count ? [] : [`${count} settled events were made, ${settled} are there`]
}
