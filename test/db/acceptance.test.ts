import { Ajv } from 'ajv'
import fc from 'fast-check'
import t from 'tap'
import { CustomerKey } from '../../schemas/common.js'
import { LeadPayload, RefundPayload, SalePayload } from '../../schemas/tracking.js'
import { openLedger } from '../helpers/ledger.js'

const RUNS = 100
t.setTimeout(120_000)
const ajv = new Ajv({ strict: false })
const REFUSALS = ['22023', '23514']

// Texts around the limits; without NUL, which no parameter of PostgreSQL's can be.
const text = fc.oneof(fc.constantFrom('', 'USD', 'usd', 'US', 'payment', 'monthly', '\u{1f600}'.repeat(200), 'x'.repeat(254), 'x'.repeat(255), 'x'.repeat(256)), fc.string({ unit: 'grapheme-ascii', maxLength: 5 }))
const amount = fc.constantFrom(1, 2 ** 53 - 1, 4900, 0, -1, 2 ** 53)
const odd = fc.constantFrom(null, true, 1.5, 7, [], {}, 'x')
const mostly = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 12, arbitrary: value as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: odd as fc.Arbitrary<unknown> })
const known = <T extends string>(...values: T[]) => fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...values) as fc.Arbitrary<string> }, { weight: 1, arbitrary: text })
const v = fc.constant(1)

const payloads = {
  lead: fc.record({ v, email: mostly(text), clickId: mostly(text), other: odd }, { requiredKeys: ['v'] }),
  sale: fc.record({
    v,
    amountCents: mostly(amount),
    currency: mostly(known('USD', 'EUR')),
    saleType: mostly(known('payment', 'subscription')),
    isRecurring: mostly(fc.boolean()),
    paidCents: mostly(amount),
    clickId: mostly(text),
    subscriptionId: mostly(text),
    subscriptionInterval: mostly(known('monthly', 'quarterly', 'annual')),
    productId: mostly(text)
  }, { requiredKeys: ['v', 'amountCents', 'currency', 'saleType', 'isRecurring'] }),
  refund: fc.record({ v, amountCents: mostly(amount), currency: mostly(known('USD', 'EUR')), full: mostly(fc.boolean()), refundReason: mostly(text) }, { requiredKeys: ['v', 'amountCents'] })
}

async function isTaken (work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (REFUSALS.includes((error as { code: string }).code)) return false
    throw error
  }
}

t.test('the table takes the payloads that the schemas take, and no others', async t => {
  const ledger = await openLedger(t)
  for (const [kind, schema] of Object.entries({ lead: LeadPayload, sale: SalePayload, refund: RefundPayload })) {
    const check = ajv.compile(schema)
    const seen = new Set<boolean>()
    await fc.assert(fc.asyncProperty(payloads[kind as 'lead'], async payload => {
      const expected = check(payload)
      seen.add(expected)
      const taken = await isTaken(() => ledger.add({ kind: kind as 'lead', payload }))
      if (taken !== expected) throw new Error(taken ? 'taken' : `refused: ${ajv.errorsText(check.errors)}`)
    }), { numRuns: RUNS })
    t.equal(seen.size, 2, `${kind}: both were tried`)
  }
})

t.test('track_sale takes what the schemas take', async t => {
  const ledger = await openLedger(t)
  const [checkKey, checkPayload] = [ajv.compile(CustomerKey), ajv.compile(SalePayload)]
  const args = fc.record({
    key: fc.oneof(text, fc.constant('ada')),
    amount,
    currency: known('USD', 'eur'),
    type: known('payment', 'subscription'),
    recurring: fc.boolean(),
    subscription: text,
    interval: known('monthly', 'annual'),
    click: text,
    product: text
  })
  const seen = new Set<boolean>()
  let count = 0
  await fc.assert(fc.asyncProperty(args, async ({ key, amount, currency, type, recurring, subscription, interval, click, product }) => {
    const expected = checkKey(key) && checkPayload({
      v: 1, amountCents: amount, currency: currency.toUpperCase(), saleType: type, isRecurring: recurring, subscriptionId: subscription, subscriptionInterval: interval, clickId: click, productId: product
    })
    seen.add(expected)
    const taken = await isTaken(() => ledger.pool.query('select affitor.track_sale($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [key, `order_${++count}`, amount, currency, type, recurring, subscription, interval, click, product]))
    if (taken !== expected) throw new Error(taken ? 'taken' : `refused: ${ajv.errorsText(checkPayload.errors)}`)
  }), { numRuns: RUNS })
  t.equal(seen.size, 2, 'both were tried')
})
