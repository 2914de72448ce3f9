import t from 'tap'
import type { Test } from 'tap'
import { startStripe } from '../helpers/stripe.js'

async function start (t: Test) {
  const stripe = await startStripe(t)
  const { subscription, invoice } = await stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly' })
  const seen = async () => (await stripe.client.events.list({ limit: 100 })).data.map(({ type }) => type).reverse()
  const before = (await seen()).length
  return {
    ...stripe,
    paid: invoice?.id ?? '',
    customer: subscription?.customer as string,
    unpaid: async () => (await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, { outcome: 'failed' })).invoice?.id ?? '',
    types: async () => (await seen()).slice(before)
  }
}

t.test('a credit note of a paid invoice refunds, credits, and tells of the rest', async t => {
  const { client, paid, customer, types } = await start(t)
  const note = await client.creditNotes.create({ invoice: paid, amount: 1500, refund_amount: 1000, credit_amount: 300, out_of_band_amount: 200, reason: 'order_change', metadata: { a: 'b' } })
  t.match(note, {
    object: 'credit_note',
    amount: 1500,
    total: 1500,
    status: 'issued',
    type: 'post_payment',
    post_payment_amount: 1500,
    pre_payment_amount: 0,
    out_of_band_amount: 200,
    invoice: paid,
    customer,
    reason: 'order_change',
    metadata: { a: 'b' },
    number: /-CN-01$/,
    refunds: [{ amount_refunded: 1000, type: 'refund' }]
  })
  t.same(await types(), ['refund.created', 'charge.refunded', 'refund.updated', 'charge.refund.updated', 'customer.updated', 'credit_note.created', 'invoice.updated'])
  t.match(await client.refunds.retrieve(String(note.refunds[0]?.refund)), { amount: 1000, status: 'succeeded' })
  t.match(await client.customers.retrieve(customer), { balance: -300 })
  t.match((await client.customers.listBalanceTransactions(customer)).data, [{ id: note.customer_balance_transaction, amount: -300, type: 'credit_note', credit_note: note.id }])
  t.match(await client.invoices.retrieve(paid), { status: 'paid', amount_paid: 1900, amount_due: 1900, post_payment_credit_notes_amount: 1500 })
  await t.rejects(client.creditNotes.create({ invoice: paid, amount: 401, out_of_band_amount: 401 }), { message: /would exceed/, param: 'amount' })
  t.match((await client.creditNotes.list({ invoice: paid })).data, [{ id: note.id }])
  t.match(await client.creditNotes.retrieve(note.id, { expand: ['invoice'] }), { id: note.id, invoice: { object: 'invoice', id: paid } })
})

t.test('the parts of a credit note must make it up, and nothing happens otherwise', async t => {
  const { client, paid, types, control } = await start(t)
  await t.rejects(client.creditNotes.create({ invoice: paid, amount: 500 }), { type: 'StripeInvalidRequestError', message: /must equal the post payment credit note amount \(\$5\.00\)/ })
  await t.rejects(client.creditNotes.create({ invoice: paid, amount: 500, refund_amount: 300, credit_amount: 300 }), { message: /must equal/ })
  await t.rejects(client.creditNotes.create({ invoice: paid, credit_amount: 300 }), { code: 'parameter_missing', param: 'amount' })
  await t.rejects(client.creditNotes.create({ invoice: 'in_x', amount: 300 }), { code: 'resource_missing', param: 'invoice' })
  t.same(await types(), [])
  await control('POST', '/refunds', { invoice: paid, amount: 1000 })
  await t.rejects(client.creditNotes.create({ invoice: paid, amount: 1000, out_of_band_amount: 1000 }), { message: /would exceed/ }, 'a refund without a note counts')
  const { dispute } = await control('POST', '/disputes', { invoice: paid, amount: 900 })
  await t.rejects(client.creditNotes.create({ invoice: paid, amount: 900, refund_amount: 900 }), { code: 'charge_disputed' })
  t.match((await client.creditNotes.list({ invoice: paid })).data, [])
  await control('POST', `/disputes/${dispute.id}/close`, { status: 'won' })
  t.match(await client.creditNotes.create({ invoice: paid, amount: 900, refund_amount: 900 }), { refunds: [{ amount_refunded: 900 }] })
})

t.test('a credit note of an open invoice lowers what is due until it is voided', async t => {
  const { client, control, unpaid, paid } = await start(t)
  const open = await unpaid()
  const note = await client.creditNotes.create({ invoice: open, amount: 900 })
  t.match(note, { type: 'pre_payment', pre_payment_amount: 900, post_payment_amount: 0, refunds: [] })
  t.match(await client.invoices.retrieve(open), { status: 'open', total: 1900, amount_due: 1000, amount_remaining: 1000, pre_payment_credit_notes_amount: 900 })
  t.match(await client.creditNotes.voidCreditNote(note.id), { status: 'void', voided_at: Number })
  t.match((await client.events.list({ type: 'credit_note.voided' })).data, [{ data: { object: { id: note.id, status: 'void' } } }])
  t.match(await client.invoices.retrieve(open), { amount_due: 1900, pre_payment_credit_notes_amount: 0 })
  await t.rejects(client.creditNotes.voidCreditNote(note.id), { message: /already been voided/ })
  const kept = await client.creditNotes.create({ invoice: open, amount: 400 })
  t.match(await control('POST', `/invoices/${open}/pay`), { invoice: { status: 'paid', amount_paid: 1500 }, payment_intent: { amount_received: 1500 } })
  await t.rejects(client.creditNotes.voidCreditNote(kept.id), { message: /only void a credit note if the associated invoice is open/ })
  const whole = await unpaid()
  await client.creditNotes.create({ invoice: whole, amount: 1900 })
  t.match(await client.invoices.retrieve(whole), { status: 'paid', amount_due: 0, amount_paid: 0 })
  await t.rejects(client.creditNotes.voidCreditNote((await client.creditNotes.create({ invoice: paid, amount: 1, out_of_band_amount: 1 })).id), { message: /is paid/ })
})
