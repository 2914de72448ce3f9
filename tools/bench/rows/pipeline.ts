import { setTimeout as delay } from 'node:timers/promises'
import { newId } from '../../../sandbox/stripe/ids.js'
import { Book } from '../../harness/book.js'
import type { OpenedDatabase } from '../../harness/databases.js'
import { now } from '../../harness/fake-affitor.js'
import type { FakeCall } from '../../harness/fake-affitor.js'
import { randomFrom } from '../../harness/random.js'
import { ratios } from '../../harness/statistics.js'
import { Events } from '../../harness/events.js'
import { startAffitor } from '../affitor.js'
import { send } from '../load.js'
import { timeOfPostgres, timeOfProcess } from '../processor-time.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { startService, startSide } from '../servers.js'
import type { Running } from '../servers.js'
import { makeWebhooks, signed } from '../webhooks.js'
import type { SignedRequest } from '../webhooks.js'

const AFFITOR_MS = 20
const CONCURRENCY = 64
const CONNECTIONS = 50
/** Those of the mix: each one's facts go to Affitor one after the other. */
const CUSTOMERS = 2_000
/** Longest time from the last answer to the last call, in milliseconds. */
const PATIENCE_MS = 120_000

/** Webhooks, and the transaction ids that Affitor is to be told in the end: a refund tells its sale's. */
interface Happened { requests: SignedRequest[], expected: string[] }

/** Events a second, and milliseconds of processor time an event. */
interface Figures { accepted: number, delivered: number, server: number, postgres: number }

export const pipeline: Row = {
  name: 'pipeline',
  title: `webhooks accepted and delivered, one process, Affitor ${AFFITOR_MS} ms, ${CONCURRENCY} at once`,

  async measure (setting) {
    const { quick } = setting
    const [plain, mixed, others] = [await setting.database('pipeline'), await setting.database('pipeline_mix'), await setting.database('pipeline_others')]
    const [affitor, stripe] = await Promise.all([startAffitor(setting, AFFITOR_MS), startSide(setting, 'stripe')])
    const ours = { affitorUrl: affitor.url, workers: true, concurrency: CONCURRENCY }
    const theirs = { DATABASE_URL: others.url, AFFITOR_API_URL: affitor.url, JOBS_AT_ONCE: String(CONCURRENCY) }
    const [service, mixedService, guide, transactional] = await Promise.all([
      startService(setting, { ...ours, database: plain }),
      startService(setting, { ...ours, database: mixed, stripeUrl: stripe.url }),
      startSide(setting, 'guide', theirs),
      startSide(setting, 'transactional', theirs)
    ])
    const [backend] = await plain.query<{ pid: number }>('select pg_backend_pid() as pid')
    const problems: string[] = []

    const measured = (what: string, { url, pid }: Running, happen: () => Happened, settle: (expected: number) => Promise<string[]>) => async (): Promise<Figures> => {
      const { requests, expected } = happen()
      const spent = async () => ({ server: await timeOfProcess(pid), postgres: await timeOfPostgres(backend?.pid ?? NaN) })
      const [before, begin] = [await spent(), now()]
      const load = await send({ url, connections: CONNECTIONS, requests, expected: 200 })
      const calls = await callsOf(affitor, expected.length)
      const found = [...load.problems, ...checkTold(expected, calls), ...await settle(expected.length)]
      const after = await spent()
      problems.push(...found.map(problem => `${what}: ${problem}`))
      const answeredAt = calls.reduce((latest, { at }) => Math.max(latest, at), 0) + AFFITOR_MS
      return {
        accepted: load.perSecond,
        delivered: requests.length / (answeredAt - begin) * 1_000,
        server: (after.server - before.server) / requests.length,
        postgres: (after.postgres - before.postgres) / requests.length
      }
    }

    const sales = () => salesOf(quick ? 200 : 6_000)
    const figures = await inTurns(setting, 3, {
      sales: measured('sales', service, sales, expected => settled(plain, expected)),
      mix: measured('the mix', mixedService, () => mixOf(quick ? 200 : 4_000), expected => settled(mixed, expected)),
      guide: measured('the guide', guide, sales, async () => []),
      transactional: measured('begin, event, job, commit', transactional, sales, async () => {
        await others.until('select count(*) from jobs where done_at is null', 0)
        return []
      })
    })
    const of = (side: keyof typeof figures, figure: keyof Figures) => figures[side].map(each => each[figure])
    const together = (side: keyof typeof figures) => figures[side].map(({ server, postgres }) => server + postgres)
    return {
      sides: [
        { role: 'ours', what: 'sales delivered', unit: '/s', rounds: of('sales', 'delivered') },
        { role: 'ours', what: 'sales accepted meanwhile', unit: '/s', rounds: of('sales', 'accepted') },
        { role: 'ours', what: 'the service\'s processor time a sale', unit: 'ms', rounds: of('sales', 'server') },
        { role: 'ours', what: 'PostgreSQL\'s', unit: 'ms', rounds: of('sales', 'postgres') },
        { role: 'ours', what: 'events of the mix delivered', unit: '/s', rounds: of('mix', 'delivered') },
        { role: 'ours', what: 'accepted meanwhile', unit: '/s', rounds: of('mix', 'accepted') },
        { role: 'ours', what: 'the service\'s processor time an event', unit: 'ms', rounds: of('mix', 'server') },
        { role: 'ours', what: 'PostgreSQL\'s', unit: 'ms', rounds: of('mix', 'postgres') },
        { role: 'other', what: 'the guide: call Affitor, then 200, sales', unit: '/s', rounds: of('guide', 'delivered') },
        { role: 'other', what: 'its processor time a sale', unit: 'ms', rounds: of('guide', 'server') },
        { role: 'other', what: 'begin, event, job, commit, and a worker that polls, sales', unit: '/s', rounds: of('transactional', 'delivered') },
        { role: 'other', what: 'accepted meanwhile', unit: '/s', rounds: of('transactional', 'accepted') },
        { role: 'other', what: 'its processor time a sale', unit: 'ms', rounds: of('transactional', 'server') },
        { role: 'other', what: 'PostgreSQL\'s', unit: 'ms', rounds: of('transactional', 'postgres') }
      ],
      targets: [
        { what: 'sales', unit: '/s', rounds: of('sales', 'delivered'), atLeast: 2_000 },
        { what: 'events of the mix', unit: '/s', rounds: of('mix', 'delivered'), atLeast: 1_200 },
        { what: 'sales delivered, of those accepted meanwhile', unit: '×', rounds: ratios(of('sales', 'delivered'), of('sales', 'accepted')), atLeast: 0.45 },
        { what: 'sales, of begin, event, job, commit', unit: '×', rounds: ratios(of('sales', 'delivered'), of('transactional', 'delivered')), atLeast: 1 },
        { what: 'processor time a sale, of begin, event, job, commit', unit: '×', rounds: ratios(together('sales'), together('transactional')), atMost: 1 }
      ],
      notes: [
        'From the first request to the last answer of Affitor, so what is accepted meanwhile shares the time. The mix is that of the soak: of 20 events 7 are payments, 5 renewals, 2 refunds of earlier ones, 2 sessions that are not paid, 4 of types that nobody needs; ' +
        `${CUSTOMERS} customers; a stand-in for Stripe answers at once, where Stripe itself takes 100 questions a second.`
      ],
      problems
    }
  }
}

function salesOf (count: number): Happened {
  const made = makeWebhooks(count)
  return { requests: made.map(({ request }) => request), expected: made.map(({ sessionId }) => sessionId) }
}

/** A shop in a steady state. */
function mixOf (count: number): Happened {
  const customers = Array.from({ length: CUSTOMERS }, () => {
    const userId = newId('user_')
    return { userId, affitorClickId: 'cust_42_1714000000000', email: `${userId}@example.com`, subscription: newId('sub_1') }
  })
  const events = new Events(randomFrom(1, 'pipeline'), customers)
  const book = new Book()
  const requests = Array.from({ length: count }, () => {
    const { event, accepted } = events.next()
    accepted(book)
    return signed(JSON.stringify(event, null, 2))
  })
  return { requests, expected: [...book.sales.keys(), ...[...book.refunds.values()].map(({ saleTransactionId }) => saleTransactionId)] }
}

async function callsOf (affitor: { calls (): Promise<FakeCall[]> }, count: number): Promise<FakeCall[]> {
  const calls = await affitor.calls()
  for (const end = now() + PATIENCE_MS; calls.length < count && now() < end; calls.push(...await affitor.calls())) await delay(100)
  return calls
}

/** What is wrong when Affitor should have been told these, each as often as it is named. */
function checkTold (expected: string[], calls: FakeCall[]): string[] {
  const [wanted, told] = [expected.toSorted(), calls.map(({ key }) => key).sort()]
  return wanted.length === told.length && wanted.every((key, i) => key === told[i])
    ? []
    : [`${wanted.length} calls to Affitor were expected, and ${told.length} came, or others than were expected`]
}

/** Waits until all is settled, and leaves nothing for the next round. @returns what is wrong */
async function settled (database: OpenedDatabase, expected: number): Promise<string[]> {
  await database.until('select count(*) from tracking_events where state = \'pending\'', 0)
  const delivered = await database.count('select count(*) from tracking_events where state = \'delivered\'')
  await database.query('truncate stripe_events, tracking_events, delivery_attempts, sale_references, customer_references, arrivals cascade')
  return delivered === expected ? [] : [`${expected} facts were to be delivered, ${delivered} are`]
}
