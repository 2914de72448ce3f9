import t from 'tap'
import type { Test } from 'tap'
import { startStripe } from '../helpers/stripe.js'
import type { ControlAnswer } from '../helpers/stripe.js'

async function start (t: Test) {
  const stripe = await startStripe(t)
  const customer = await stripe.client.customers.create({ email: 'ann@example.com' })
  return {
    ...stripe,
    customer: customer.id,
    credit: (amount: number) => stripe.client.customers.createBalanceTransaction(customer.id, { amount, currency: 'usd' }),
    balance: async () => (await stripe.client.customers.retrieve(customer.id) as { balance: number }).balance,
    async subscribe (body?: object): Promise<ControlAnswer> {
      const session = await stripe.client.checkout.sessions.create({
        mode: 'subscription', customer: customer.id, success_url: 'https://shop.example/done', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }]
      })
      return stripe.control('POST', `/checkout/sessions/${session.id}/pay`, body)
    }
  }
}

const types = ({ events }: ControlAnswer) => events.map(({ type }) => type)

t.test('a credit pays a part of the next invoice, and the session does not show it', async t => {
  const { client, customer, credit, balance, subscribe } = await start(t)
  t.match(await credit(-1000), { object: 'customer_balance_transaction', amount: -1000, ending_balance: -1000, type: 'adjustment', customer })
  const paid = await subscribe()
  t.match(paid.session, { amount_total: 1900, payment_status: 'paid' })
  t.match(paid.invoice, { total: 1900, starting_balance: -1000, ending_balance: 0, amount_due: 900, amount_paid: 900, amount_remaining: 0, status: 'paid' })
  t.match([paid.payment_intent?.amount_received, paid.charge?.amount], [900, 900])
  t.equal(await balance(), 0)
  const { data } = await client.customers.listBalanceTransactions(customer)
  t.match(data, [
    { amount: 1000, ending_balance: 0, invoice: paid.invoice?.id, type: 'checkout_session_subscription_payment', checkout_session: paid.session.id },
    { amount: -1000, type: 'adjustment' }
  ])
})

t.test('a credit that covers an invoice leaves no payment, also of a bank debit', async t => {
  const { control, client, customer, credit, balance, subscribe } = await start(t)
  await credit(-5000)
  const paid = await subscribe({ method: 'bank_debit' })
  t.match(paid, { session: { amount_total: 1900, payment_status: 'paid' }, payment_intent: null, charge: null })
  t.match(paid.invoice, { total: 1900, amount_due: 0, amount_paid: 0, starting_balance: -5000, ending_balance: -3100, status: 'paid' })
  t.notOk(types(paid).some(type => type.startsWith('payment_intent') || type === 'invoice_payment.paid'))
  const renewed = await control('POST', `/subscriptions/${paid.subscription?.id}/renew`)
  t.match(renewed.invoice, { amount_paid: 0, starting_balance: -3100, ending_balance: -1200 })
  const last = await control('POST', `/subscriptions/${paid.subscription?.id}/renew`)
  t.match(last.invoice, { amount_due: 700, amount_paid: 700, ending_balance: 0 })
  t.equal(await balance(), 0)
  t.match((await client.customers.listBalanceTransactions(customer, { invoice: last.invoice?.id ?? '' })).data, [{ amount: 1200, type: 'applied_to_invoice' }])
})

t.test('a debit is collected with the next invoice, and a downgrade leaves a credit', async t => {
  const { control, customer, balance, subscribe } = await start(t)
  const debited = await control('POST', `/customers/${customer}/balance`, { amount: 300 })
  t.match(debited.customer, { balance: 300, currency: 'usd' })
  t.same(types(debited), ['customer.updated'])
  const { invoice, subscription, session } = await subscribe()
  t.match(invoice, { total: 1900, starting_balance: 300, ending_balance: 0, amount_due: 2200, amount_paid: 2200 })
  t.equal(session.amount_total, 1900)
  await control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_yearly' })
  const back = await control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_monthly' })
  t.match(back.invoice, { total: 1900 - 19000, amount_due: 0, ending_balance: 1900 - 19000 })
  t.equal(await balance(), 1900 - 19000)
})

t.test('a balance is of one currency, and changes only by whole amounts', async t => {
  const { client, control, customer, credit } = await start(t)
  await credit(-100)
  await t.rejects(client.customers.createBalanceTransaction(customer, { amount: -100, currency: 'eur' }), { type: 'StripeInvalidRequestError', param: 'currency', message: /cannot combine currencies/ })
  await t.rejects(client.customers.createBalanceTransaction(customer, { currency: 'usd' } as never), { code: 'parameter_missing', param: 'amount' })
  await t.rejects(client.customers.createBalanceTransaction('cus_x', { amount: 1, currency: 'usd' }), { code: 'resource_missing', statusCode: 404 })
  await t.rejects(control('POST', '/customers/cus_x/balance', { amount: 1 }), /404.*NOT_FOUND/)
})
