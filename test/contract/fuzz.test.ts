import fc from 'fast-check'
import t from 'tap'
import type { ErrorCode } from '../../src/errors.js'
import { watchContract } from '../helpers/contract.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { readContract } from './document.js'
import { waysOf } from './requests.js'
import type { Request } from './requests.js'
import { sender } from './send.js'
import type { Answer } from './send.js'
import { liveThePast } from './world.js'

const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000)
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))
/** Requests that are under way together; all workers' work is done after each batch. */
const BATCH = 20
const MS_PER_REQUEST = 100

t.setTimeout(60_000 + RUNS * MS_PER_REQUEST)
t.comment(`FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}`)

/** A valid request may be refused for what is stored, or is not. */
const BUSINESS: ErrorCode[] = ['EMAIL_TAKEN', 'INVALID_CREDENTIALS', 'NOT_FOUND', 'NOT_RETRYABLE', 'STRIPE_REJECTED']

const service = await startService(t)
const send = sender(t, service.url)
const { violations } = watchContract(service.app)
const contract = readContract(service.app)
const world = await liveThePast(service)
const ways = contract.operations.map(operation => ({ operation, ...waysOf(operation, contract, world) }))

/** An operation that takes nothing has little to get wrong. */
const request = fc.oneof(...ways.map(({ operation, valid, broken }) => ({
  weight: operation.parameters.length > 0 || operation.body !== undefined ? 6 : 1,
  arbitrary: fc.oneof(
    { arbitrary: valid, weight: broken.length },
    ...broken.map(({ request }) => ({ arbitrary: request, weight: 1 }))
  )
})))

const seen = new Map<string, number>()
const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1)

function problemOf ({ operation, way, expected }: Request, { status, code = '', text }: Answer): string | undefined {
  count(`${operation.id} ${way === 'valid' ? 'valid' : 'invalid'} ${status}`)
  count(`${operation.id}: ${way}`)
  const isRight = way !== 'valid' ? expected.includes(status) : status < 300 || (BUSINESS.includes(code as ErrorCode) && operation.id !== 'receiveStripeEvent')
  return isRight ? undefined : `${operation.id}, ${way}: ${status} ${text.slice(0, 300)}`
}

/** What the workers left behind that nobody would take up again. */
async function leftBehind (): Promise<string[]> {
  const rows = await query<{ problem: string }>(service.connectionString, `
    select format('stripe event %s (%s) is %s, leased by %s: %s', id, type, state, leased_by, last_error) as problem
    from stripe_events where state not in ('interpreted', 'ignored', 'parked', 'failed') or leased_by is not null
    union all
    select format('tracking event %s (%s of %s) is pending: %s', id, kind, source, last_error) from tracking_events where state = 'pending'`)
  return rows.map(({ problem }) => problem)
}

t.test('every request gets an answer that the document promises, and every event is read', async t => {
  let sent = 0
  await fc.assert(fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: BATCH, size: 'max' }), async batch => {
    const before = violations.length
    const problems = await Promise.all(batch.map(async request => problemOf(request, await send(request))))
    await service.work()
    sent += batch.length
    const found = [...problems.filter(problem => problem !== undefined), ...violations.slice(before), ...await leftBehind()]
    if (found.length > 0) throw new Error(found.join('\n'))
  }), { seed: SEED, numRuns: Math.ceil(RUNS / BATCH), ...(process.env.FUZZ_PATH === undefined ? {} : { path: process.env.FUZZ_PATH }) })
  t.pass(`${sent} requests`)
})
