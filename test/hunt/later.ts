import fc from 'fast-check'
import { failLate, prevent, voidLater, winOnAppeal } from './beyond.js'
import { choice, find, step } from './world.js'
import type { Model } from './world.js'

// What time, banks and the shop do to what was bought.

const upgrades: Record<string, string> = { usd: 'price_month_pro_usd', eur: 'price_month_pro_eur' }
const terms = { discount_percent: fc.constantFrom(0, 0, 0, 33, 100), tax_percent: fc.constantFrom(0, 0, 19) }
/** 100 is all that is left. */
const percent = fc.constantFrom(1, 20, 33, 50, 99, 100, 100)
const share = (amount: number, part: number) => (part === 100 ? {} : { amount: Math.ceil(amount * part / 100) })

const unclear = ({ books }: Model, index: number) => find(books.sessions.values(), index, ({ status, payment_status: paid, payment_intent: intent, invoice }) =>
  status === 'complete' && paid === 'unpaid' && (intent !== null || invoice !== null))

export const debit = step('a debit is decided', fc.record({ index: choice, clears: fc.constantFrom(true, true, false) }), {
  can: (model, { index }) => unclear(model, index),
  run: async ({ stage, model }, { index, clears }) => await stage.act(`/checkout/sessions/${unclear(model, index)?.id}/${clears ? 'clear' : 'fail-payment'}`)
})

const held = ({ books }: Model, index: number) => find(books.paymentIntents.values(), index, ({ status }) => status === 'requires_capture')

export const capture = step('a hold is decided', fc.record({ index: choice, percent: fc.constantFrom(0, 30, 77, 100, 100) }), {
  can: (model, { index }) => held(model, index),
  async run ({ stage, model }, { index, percent }) {
    const { paymentIntents } = stage.service.stripe.client
    const intent = held(model, index)
    stage.pass(1)
    if (intent === undefined) return
    if (percent === 0) await paymentIntents.cancel(intent.id)
    else await paymentIntents.capture(intent.id, { amount_to_capture: Math.ceil(intent.amount * percent / 100) })
  }
})

const aSubscription = ({ books }: Model, index: number) => find(books.subscriptions.values(), index, () => true)

export const renew = step('is renewed', fc.record({ index: choice, fails: fc.constantFrom(false, false, true), ...terms }), {
  can: (model, { index }) => aSubscription(model, index),
  async run ({ stage, model }, { index, fails, ...rest }) {
    stage.pass(30 * 24)
    await stage.act(`/subscriptions/${aSubscription(model, index)?.id}/renew`, { outcome: fails ? 'failed' : 'paid', ...rest })
  }
})

export const upgrade = step('is upgraded', choice, {
  can: (model, index) => aSubscription(model, index),
  async run ({ stage, model }, index) {
    const subscription = aSubscription(model, index)
    const price = upgrades[subscription?.currency ?? '']
    stage.pass(10 * 24)
    if (price !== undefined) await stage.act(`/subscriptions/${subscription?.id}/upgrade`, { price })
  }
})

const openInvoice = ({ books }: Model, index: number) => find(books.invoices.values(), index, ({ status }) => status === 'open' || status === 'draft')

export const payInvoice = step('pays an open invoice', fc.record({ index: choice, outside: fc.constantFrom(0, 0, 40, 100) }), {
  can: (model, { index }) => openInvoice(model, index),
  async run ({ stage, model }, { index, outside }) {
    const invoice = openInvoice(model, index)
    const amount = Math.ceil((invoice?.amount_due ?? 0) * outside / 100)
    await stage.act(`/invoices/${invoice?.id}/pay`, amount > 0 ? { out_of_band: true, amount } : {})
  }
})

export const credit = step('is given credit or debt', fc.record({ index: choice, amount: fc.constantFrom(-700, -1299, -50_000, 450) }), {
  can: ({ books }, { index }) => find(books.customers.values(), index, () => true),
  run: async ({ stage, model: { books } }, { index, amount }) => await stage.act(`/customers/${find(books.customers.values(), index, () => true)?.id}/balance`, { amount })
})

const paid = ({ books }: Model, index: number) => find(books.charges.values(), index, ({ captured }) => captured)

export const refund = step('is refunded', fc.record({ index: choice, percent, pending: fc.constantFrom(false, false, true) }), {
  can: (model, { index }) => paid(model, index),
  async run ({ stage, model }, { index, percent, pending }) {
    const charge = paid(model, index)
    if (charge) await stage.act('/refunds', { charge: charge.id, ...share(charge.amount_captured, percent), status: pending ? 'pending' : 'succeeded' })
  }
})

const pendingRefund = ({ books }: Model, index: number) => find(books.refunds.values(), index, ({ status }) => status === 'pending')

export const settleRefund = step('a refund is decided', fc.record({ index: choice, succeeds: fc.boolean() }), {
  can: (model, { index }) => pendingRefund(model, index),
  run: async ({ stage, model }, { index, succeeds }) => await stage.act(`/refunds/${pendingRefund(model, index)?.id}/settle`, { status: succeeds ? 'succeeded' : 'failed' })
})

const paidInvoice = ({ books }: Model, index: number) => find(books.invoices.values(), index, ({ status, total }) => (status === 'paid' || status === 'open') && total > 0)

export const creditNote = step('is given a credit note', fc.record({ index: choice, percent, by: fc.constantFrom('refund_amount' as const, 'credit_amount' as const, 'out_of_band_amount' as const, 'out_of_band_amount' as const) }), {
  can: (model, { index }) => paidInvoice(model, index),
  async run ({ stage, model }, { index, percent, by }) {
    const invoice = paidInvoice(model, index)
    const amount = Math.ceil((invoice?.total ?? 0) * percent / 100)
    stage.pass(1)
    await stage.service.stripe.client.creditNotes.create({ invoice: invoice?.id ?? '', amount, ...(invoice?.status === 'paid' && { [by]: amount }) })
  }
})

const issuedNote = ({ books }: Model, index: number) => find(books.creditNotes.values(), index, ({ status, out_of_band_amount: amount }) => status === 'issued' && amount !== null)

export const voidNote = step('a credit note is void', choice, {
  can: issuedNote,
  async run ({ stage, model }, index) {
    const note = issuedNote(model, index)
    stage.pass(1)
    if (note) voidLater(model.books, note, stage.time())
  }
})

const goneRefund = ({ books }: Model, index: number) => find(books.refunds.values(), index, ({ status, balance_transaction: moved }) => status === 'succeeded' && moved !== null)

export const failRefund = step('a refund comes back', choice, {
  can: goneRefund,
  async run ({ stage, model }, index) {
    const refund = goneRefund(model, index)
    stage.pass(1)
    if (refund) failLate(model.books, refund, stage.time())
  }
})

export const dispute = step('is disputed', fc.record({ index: choice, percent, end: fc.constantFrom('lost', 'lost', 'won', 'open', 'inquiry', 'prevented', 'prevented in time') }), {
  can: (model, { index }) => paid(model, index),
  async run ({ stage, model }, { index, percent, end }) {
    const charge = paid(model, index)
    if (charge === undefined) return
    const { dispute } = await stage.act('/disputes', { charge: charge.id, ...share(charge.amount_captured, percent), inquiry: end === 'inquiry' })
    const made = model.books.disputes.get(dispute.id)
    if (end === 'lost' || end === 'won') await stage.act(`/disputes/${dispute.id}/close`, { status: end })
    if (end.startsWith('prevented') && made) prevent(model.books, made, end === 'prevented', stage.time())
  }
})

const openDispute = ({ books }: Model, index: number) => find(books.disputes.values(), index, ({ status }) => status.endsWith('needs_response'))

export const closeDispute = step('a dispute is decided', fc.record({ index: choice, won: fc.boolean() }), {
  can: (model, { index }) => openDispute(model, index),
  run: async ({ stage, model }, { index, won }) => await stage.act(`/disputes/${openDispute(model, index)?.id}/close`, { status: won ? 'won' : 'lost' })
})

const lostDispute = ({ books }: Model, index: number) => find(books.disputes.values(), index, ({ status }) => status === 'lost')

export const appeal = step('a lost dispute is won on appeal', choice, {
  can: lostDispute,
  async run ({ stage, model }, index) {
    const dispute = lostDispute(model, index)
    stage.pass(1)
    if (dispute) winOnAppeal(model.books, dispute, stage.time())
  }
})
