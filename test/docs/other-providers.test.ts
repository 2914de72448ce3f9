import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import type { Affitor } from '../../src/affitor.js'
import { createEngine } from '../../src/create-engine.js'
import { createTestDatabase } from '../helpers/database.js'
import { query } from '../helpers/sql.js'

type Handler = (affitor: Affitor, event: object) => Promise<void>

const page = await readFile('docs/other-providers.md', 'utf8')
const folder = t.testdir({})

/** The handler that the page gives for a provider, on a ledger of its own. */
async function startShop (t: Test, provider: string, name: string) {
  const [, code] = new RegExp(`\`\`\`js ${provider}\\n([\\s\\S]*?)\`\`\``).exec(page) ?? []
  if (code === undefined) throw new Error(`The page has no code for ${provider}`)
  const program = join(folder, `${provider}.mjs`)
  await writeFile(program, code)
  const { [name]: handle } = await import(pathToFileURL(program).href) as Record<string, Handler>
  if (handle === undefined) throw new Error(`The code for ${provider} has no ${name}`)
  const { connectionString } = await createTestDatabase(t)
  const pool = new pg.Pool({ connectionString })
  const { affitor } = createEngine({ database: pool, affitor: { apiKey: 'aff_test', programId: '42' }, workers: false })
  t.teardown(async () => {
    await affitor.close()
    await pool.end()
  })
  return {
    tell: (event: object) => handle(affitor, event),
    facts: async () => (await query(connectionString, "select kind, transaction_id as id, sale_transaction_id as sale, customer_key as customer, payload - 'v' as payload from tracking_events order by tracking_events.id"))
      .map(({ kind, id, sale, customer, payload }) => [kind, sale === null ? id : `${String(id)} of ${String(sale)}`, customer, payload])
  }
}

t.test('Polar: order.paid, and refunds once they succeeded', async t => {
  const { tell, facts } = await startShop(t, 'polar', 'onPolarEvent')
  const order = (id: string, fields: object = {}) => ({
    type: 'order.paid',
    timestamp: '2026-11-24T12:00:00Z',
    data: {
      id,
      status: 'paid',
      paid: true,
      subtotal_amount: 4000,
      discount_amount: 0,
      net_amount: 4000,
      tax_amount: 900,
      total_amount: 4900,
      refunded_amount: 0,
      refunded_tax_amount: 0,
      currency: 'usd',
      billing_reason: 'purchase',
      customer_id: 'c1',
      product_id: 'prod_1',
      subscription_id: null,
      checkout_id: 'ch1',
      metadata: { user_id: 'ada', affitor_click_id: 'cust_1' },
      ...fields
    }
  })
  const refund = (status: string, type = 'refund.updated') => ({
    type, data: { id: 'refund_1', status, reason: 'customer_request', amount: 1000, tax_amount: 225, currency: 'usd', order_id: 'order_1', subscription_id: null, customer_id: 'c1' }
  })
  await t.rejects(tell(refund('succeeded')), { code: 'P0002' }, 'before its sale: Polar sends it again')
  for (let i = 0; i < 2; i++) await tell(order('order_1'))
  await tell(order('order_2', { billing_reason: 'subscription_cycle', subscription_id: 'sub_1' }))
  await tell(order('order_3', { total_amount: 0 }))
  await tell(refund('pending', 'refund.created'))
  for (let i = 0; i < 2; i++) await tell(refund('succeeded'))
  const paid = { amountCents: 4900, currency: 'USD', clickId: 'cust_1', productId: 'prod_1' }
  t.same(await facts(), [
    ['sale', 'order_1', 'ada', { ...paid, saleType: 'payment', isRecurring: false }],
    ['sale', 'order_2', 'ada', { ...paid, saleType: 'subscription', isRecurring: true, subscriptionId: 'sub_1' }],
    ['refund', 'refund_1 of order_1', 'ada', { amountCents: 1225, currency: 'USD', full: false, refundReason: 'customer_request' }]
  ])
})

t.test('Paddle: transaction.completed, and adjustments that give money back, once they are approved', async t => {
  const { tell, facts } = await startShop(t, 'paddle', 'onPaddleEvent')
  const transaction = (id: string, fields: object = {}) => ({
    event_id: `evt_${id}`,
    event_type: 'transaction.completed',
    occurred_at: '2026-11-24T12:00:00Z',
    data: {
      id,
      status: 'completed',
      customer_id: 'ctm_1',
      currency_code: 'EUR',
      origin: 'web',
      subscription_id: null,
      custom_data: { user_id: 'ada' },
      items: [{ quantity: 1, price: { id: 'pri_1', product_id: 'pro_1', billing_cycle: { interval: 'month', frequency: 3 } } }],
      details: { totals: { subtotal: '4000', discount: '0', tax: '900', total: '4900', grand_total: '4900', currency_code: 'EUR' } },
      ...fields
    }
  })
  const adjustment = (id: string, type: string, fields: object) => ({
    event_type: type, data: { id, action: 'refund', type: 'partial', transaction_id: 'txn_1', reason: 'asked', status: 'approved', currency_code: 'EUR', totals: { subtotal: '1000', tax: '225', total: '1225' }, ...fields }
  })
  await tell(transaction('txn_1'))
  await tell(transaction('txn_2', { origin: 'subscription_recurring', subscription_id: 'sub_1' }))
  await tell(transaction('txn_3', { details: { totals: { total: '0' } } }))
  await tell(adjustment('adj_1', 'adjustment.created', { status: 'pending_approval' }))
  await tell(adjustment('adj_2', 'adjustment.updated', { status: 'rejected' }))
  await tell(adjustment('adj_3', 'adjustment.created', { action: 'credit' }))
  for (let i = 0; i < 2; i++) await tell(adjustment('adj_1', 'adjustment.updated', {}))
  await tell(adjustment('adj_4', 'adjustment.created', { action: 'chargeback', transaction_id: 'txn_2', totals: { total: '4900' } }))
  const paid = { amountCents: 4900, currency: 'EUR', productId: 'pro_1' }
  t.same(await facts(), [
    ['sale', 'txn_1', 'ada', { ...paid, saleType: 'payment', isRecurring: false }],
    ['sale', 'txn_2', 'ada', { ...paid, saleType: 'subscription', isRecurring: true, subscriptionId: 'sub_1', subscriptionInterval: 'quarterly' }],
    ['refund', 'adj_1 of txn_1', 'ada', { amountCents: 1225, currency: 'EUR', full: false, refundReason: 'asked' }],
    ['refund', 'adj_4 of txn_2', 'ada', { amountCents: 4900, currency: 'EUR', full: true, refundReason: 'asked' }]
  ])
})

t.test('Lemon Squeezy: a subscription\'s first payment is its order, and refunds tell their sum', async t => {
  const { tell, facts } = await startShop(t, 'lemonsqueezy', 'onLemonSqueezyEvent')
  const event = (type: string, id: string, fields: object = {}) => ({
    meta: { event_name: type, custom_data: { user_id: 'ada', affitor_click_id: 'cust_1' } },
    data: {
      type: type.startsWith('order_') ? 'orders' : 'subscription-invoices',
      id,
      attributes: { status: 'paid', currency: 'USD', subtotal: 4000, tax: 900, total: 4900, refunded: false, refunded_amount: 0, ...fields }
    }
  })
  await tell(event('order_created', '1'))
  await tell(event('subscription_payment_success', '1', { subscription_id: 7, billing_reason: 'initial' }))
  for (let i = 0; i < 2; i++) await tell(event('subscription_payment_success', '2', { subscription_id: 7, billing_reason: 'renewal' }))
  for (const refunded of [1000, 1000, 2500, 1000]) await tell(event('order_refunded', '1', { refunded_amount: refunded }))
  await tell(event('subscription_payment_refunded', '1', { subscription_id: 7, billing_reason: 'initial', refunded_amount: 2500 }))
  for (let i = 0; i < 2; i++) await tell(event('subscription_payment_refunded', '2', { subscription_id: 7, billing_reason: 'renewal', refunded_amount: 4900 }))
  const paid = { amountCents: 4900, currency: 'USD', clickId: 'cust_1' }
  t.same(await facts(), [
    ['sale', 'ls_order_1', 'ada', { ...paid, saleType: 'payment', isRecurring: false }],
    ['sale', 'ls_invoice_2', 'ada', { ...paid, saleType: 'subscription', isRecurring: true, subscriptionId: '7' }],
    ['refund', 'ls_order_1_1000 of ls_order_1', 'ada', { amountCents: 1000, currency: 'USD', full: false }],
    ['refund', 'ls_order_1_2500 of ls_order_1', 'ada', { amountCents: 1500, currency: 'USD', full: false }],
    ['refund', 'ls_invoice_2_4900 of ls_invoice_2', 'ada', { amountCents: 4900, currency: 'USD', full: true }]
  ])
})
