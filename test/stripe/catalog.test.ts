import t from 'tap'
import { createCatalog } from '../../src/service/storefront/catalog.js'
import { eventually } from '../helpers/eventually.js'
import { startStripe } from '../helpers/stripe.js'
import type { RunningStripe } from '../helpers/stripe.js'

/** Longest that a page waits, with what a busy test machine adds. */
const SOON_MS = 3_000

function catalogOf (stripe: RunningStripe, { priceIds = [] as string[], freshMs = undefined as number | undefined } = {}) {
  const errors: unknown[] = []
  const catalog = createCatalog(stripe.client, { priceIds, freshMs, onError: error => errors.push(error) })
  return { catalog, errors, names: async () => (await catalog())?.map(({ priceId }) => priceId) }
}

async function timed<T> (ask: () => Promise<T>): Promise<{ answer: T, ms: number }> {
  const start = performance.now()
  const answer = await ask()
  return { answer, ms: performance.now() - start }
}

t.test('by default the newest one-time price and the newest recurring one are offered', async t => {
  const stripe = await startStripe(t, {
    prices: [
      { id: 'price_quarterly', unitAmount: 5000, currency: 'eur', productName: 'Pro plan', interval: 'month', intervalCount: 3 },
      { id: 'price_retired', unitAmount: 100, currency: 'usd', productName: 'Old', active: false }
    ]
  })
  t.match(await catalogOf(stripe).catalog(), [
    { priceId: 'price_sandbox_onetime', mode: 'payment', name: 'Lifetime licence', unitAmount: 4900, currency: 'usd', every: null },
    { priceId: 'price_quarterly', mode: 'subscription', name: 'Pro plan', unitAmount: 5000, currency: 'eur', every: { interval: 'month', count: 3 } }
  ])
})

t.test('prices that Checkout would refuse, or whose amount nobody knows before, are passed over', async t => {
  const stripe = await startStripe(t, {
    prices: [
      { id: 'price_archived', unitAmount: 100, currency: 'usd', productName: 'Archived' },
      { id: 'price_any', unitAmount: 100, currency: 'usd', productName: 'Pay what you want' },
      { id: 'price_metered', unitAmount: 100, currency: 'usd', productName: 'Usage', interval: 'month' }
    ]
  })
  const { prices, products } = stripe.sandbox.stripe.state
  for (const product of products.values()) product.active = product.name !== 'Archived'
  const any = prices.get('price_any')
  if (any !== undefined) any.unit_amount = null
  const { recurring } = prices.get('price_metered') ?? {}
  if (recurring) recurring.usage_type = 'metered'
  t.same(await catalogOf(stripe).names(), ['price_sandbox_onetime', 'price_sandbox_monthly'])
})

t.test('of the prices that may be bought, the first of each type is offered', async t => {
  const stripe = await startStripe(t)
  const offered = (...priceIds: string[]) => catalogOf(stripe, { priceIds }).names()
  t.same(await offered('price_sandbox_yearly', 'price_sandbox_eur', 'price_sandbox_monthly'), ['price_sandbox_eur', 'price_sandbox_yearly'])
  t.same(await offered('price_sandbox_monthly'), ['price_sandbox_monthly'])
  t.same(await offered('price_gone', 'price_sandbox_eur'), ['price_sandbox_eur'], 'one that Stripe does not have is no reason to show nothing')
  t.same(await offered('price_gone'), [])
})

t.test('Stripe is asked once in a while, by all visitors together', async t => {
  const stripe = await startStripe(t)
  const { catalog } = catalogOf(stripe)
  await Promise.all([catalog(), catalog(), catalog()])
  await stripe.control('POST', '/behaviour', { failStatus: 500 })
  t.equal((await catalog())?.length, 2, 'nobody asks again')
})

t.test('an older answer is better than none', async t => {
  const stripe = await startStripe(t)
  const { names, errors } = catalogOf(stripe, { freshMs: 0 })
  const before = await names()
  await stripe.control('POST', '/behaviour', { failStatus: 500 })
  t.same(await names(), before)
  t.equal(errors.length, 1)
  await names()
  t.equal(errors.length, 1, 'after a failure Stripe is left alone for a while')
})

t.test('while Stripe is slow one visitor waits, and not for long; what it says at last is kept', async t => {
  const stripe = await startStripe(t)
  const { catalog, errors } = catalogOf(stripe)
  await stripe.control('POST', '/behaviour', { latencyMs: 3_500 })
  const first = await timed(catalog)
  t.equal(first.answer, undefined)
  t.ok(first.ms < SOON_MS, `${Math.round(first.ms)} ms`)
  const second = await timed(catalog)
  t.ok(second.ms < 500, `the next visitor waits ${Math.round(second.ms)} ms`)
  await eventually('Stripe has answered', async () => (await catalog())?.length === 2)
  t.same(errors, [])
})
