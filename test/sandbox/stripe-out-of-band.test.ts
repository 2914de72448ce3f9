import t from 'tap'
import { startStripe } from '../helpers/stripe.js'

t.test('an invoice can be paid outside of Stripe, in whole or in part', async t => {
  const stripe = await startStripe(t)
  const { subscription } = await stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly' })
  const unpaid = async () => (await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, { outcome: 'failed' })).invoice?.id ?? ''
  const retrieve = (id: string) => stripe.client.invoices.retrieve(id, { expand: ['amount_paid_off_stripe', 'payments'] })

  const whole = await unpaid()
  const paid = await stripe.control('POST', `/invoices/${whole}/pay`, { out_of_band: true })
  t.match(paid, { subscription: { status: 'active' }, invoice: { status: 'paid', amount_paid: 1900, amount_remaining: 0 } })
  t.notOk('amount_paid_off_stripe' in (paid.invoice ?? {}), 'only told when asked for')
  t.same(paid.events.map(({ type }) => type), [
    'payment_intent.canceled', 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid', 'customer.subscription.updated'
  ])
  t.match(await retrieve(whole), {
    amount_paid: 1900,
    amount_paid_off_stripe: 1900,
    payments: { data: [{ status: 'canceled' }, { status: 'paid', amount_paid: 1900, payment: { type: 'payment_record', payment_record: /^pr_/ } }] }
  })

  const part = await unpaid()
  t.match(await stripe.control('POST', `/invoices/${part}/pay`, { out_of_band: true, amount: 1200 }), { invoice: { status: 'paid', amount_paid: 1900 } })
  const retrieved = await retrieve(part)
  t.match(retrieved, { amount_paid: 1900, amount_paid_off_stripe: 1200 })
  t.same(retrieved.payments?.data.map(link => [link.payment.type, link.amount_paid]), [['payment_intent', 700], ['payment_record', 1200]])
  t.match(await stripe.client.charges.retrieve((await stripe.client.paymentIntents.retrieve(retrieved.payments?.data[0]?.payment.payment_intent as string)).latest_charge as string),
    { amount: 700, status: 'succeeded' })

  await t.rejects(stripe.control('POST', `/invoices/${await unpaid()}/pay`, { out_of_band: true, amount: 1901 }), /400.*AMOUNT/)
})
