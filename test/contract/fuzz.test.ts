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
/** Requests that are under way together, on average; then the workers do what is due. */
const BATCH = 20
const MS_PER_REQUEST = 100
const SHRINK_MS = 20_000
/** Characters of a request, or of what is wrong with its answer. */
const MOST_PRINTED = 2_000

t.setTimeout(60_000 + RUNS * MS_PER_REQUEST)
t.comment(`FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}`)

/** A valid request may be refused for what is stored, or is not. */
const BUSINESS: ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED', 'EMAIL_TAKEN', 'INVALID_CREDENTIALS', 'NOT_FOUND', 'NOT_RETRYABLE', 'NOT_HOLDABLE', 'NOT_RESOLVABLE', 'CUSTOMER_BUSY', 'STRIPE_REJECTED', 'CONFLICTING_FACT', 'IMPLAUSIBLE_FACT', 'UNKNOWN_STRIPE_EVENT']

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

let failedAt = Infinity
const seen = new Map<string, number>()
const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1)
const unused = new Set(ways.flatMap(({ operation, broken }) => broken.map(({ way }) => `${operation.id}: ${way}`)))

function problemOf ({ operation, way, expected }: Request, { status, code = '', text }: Answer): string | undefined {
  if (failedAt === Infinity) count(`${operation.id} ${way === 'valid' ? 'valid' : 'invalid'} ${status}`)
  unused.delete(`${operation.id}: ${way}`)
  // The user may have been deleted meanwhile, by a request that deletes personal data.
  if (way === 'valid' && operation.id === 'createCheckout' && code === 'UNAUTHORIZED') return undefined
  const isRight = way !== 'valid' ? expected.includes(status) : status < 300 || (BUSINESS.includes(code as ErrorCode) && operation.id !== 'receiveStripeEvent')
  return isRight ? undefined : `${operation.id}, ${way}: ${status} ${text.slice(0, 300)}`
}

/** What the workers left behind that nobody would take up again. */
async function leftBehind (): Promise<string[]> {
  const rows = await query<{ problem: string }>(service.connectionString, `
    select format('stripe event %s (%s) is %s, leased by %s: %s', id, type, state, leased_by, last_error) as problem
    from stripe_events where state not in ('interpreted', 'ignored', 'parked', 'failed') or leased_by is not null
    union all
    select format('tracking event %s (%s of %s) is %s, leased by %s: %s', id, kind, source, state, leased_by, last_error)
    from tracking_events where leased_by is not null or (state = 'pending' and next_attempt_at is null)`)
  return rows.map(({ problem }) => problem)
}

t.test('every request gets an answer that the document promises, and every event is read', async t => {
  let sent = 0
  const batches = fc.array(request, { minLength: 1, maxLength: 2 * BATCH, size: 'max' })
  const property = fc.asyncProperty(batches, async batch => {
    // What fails is made smaller for a while only.
    if (performance.now() > failedAt + SHRINK_MS) return
    const before = violations.length
    const problems = await Promise.all(batch.map(async request => problemOf(request, await send(request))))
    await service.work()
    sent += batch.length
    const found = [...problems.filter(problem => problem !== undefined), ...violations.slice(before), ...await leftBehind()]
    if (found.length === 0) return
    failedAt = Math.min(failedAt, performance.now())
    throw new Error(found.map(problem => problem.slice(0, MOST_PRINTED)).join('\n'))
  })
  for (let seed = SEED, left = RUNS; left > 0; seed++, left = RUNS - sent) {
    const path = process.env.FUZZ_PATH
    const result = await fc.check(property, { seed, numRuns: Math.ceil(left / BATCH), ...(path !== undefined && { path }) })
    if (!result.failed) continue
    const [requests = []] = result.counterexample ?? []
    t.fail((result.errorInstance as Error).message, {
      again: `FUZZ_SEED=${seed} FUZZ_PATH=${result.counterexamplePath}`, requests: requests.map(request => JSON.stringify(request).slice(0, MOST_PRINTED))
    })
    return
  }
  t.pass(`${sent} requests`)
})

t.teardown(() => {
  for (const [key, times] of [...seen].sort(([a], [b]) => a < b ? -1 : 1)) t.comment(`${String(times).padStart(6)} ${key}`)
  if (unused.size > 0) t.comment(`not sent this time: ${[...unused].join('; ')}`)
})
