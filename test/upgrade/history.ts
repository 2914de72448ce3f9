import { refundOf, sendEvent, stripeEvent } from '../fixtures/index.js'
import type { Service } from '../helpers/service.js'

/** Variables of the service that lives through it: what failed waits long enough to be seen waiting. */
export const HISTORY_VARIABLES = { DELIVERY_RETRY_BASE_MS: '600000', DELIVERY_RETRY_CAP_MS: '3600000' }

/** The user that logs in after the upgrade. */
export const USER = { email: 'ada@example.com', password: 'correct horse battery' }

/** What a service that has run for a while has in its database: something of everything, and something that still waits. */
export async function liveThrough (service: Service): Promise<void> {
  const { affitor, stripe } = service
  const buyOnce = async (accessToken: string) => {
    const sessionId = await service.checkOut(accessToken)
    await stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
    return sessionId
  }

  // Partners' customers: one payment, of which a part is refunded; a subscription that renews.
  const ada = await service.signUp({ ...USER, affitorClickId: await affitor.click() })
  const session = await buyOnce(ada.accessToken)
  await service.work()
  await stripe.control('POST', '/refunds', { checkout_session: session, amount: 900 })
  const grace = await service.signUp({ affitorClickId: await affitor.click() })
  const subscribing = await service.checkOut(grace.accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription } = await stripe.control('POST', `/checkout/sessions/${subscribing}/pay`, {})
  await service.work()
  await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  await service.work()

  // Nobody's customer, and one whom another backend tells of.
  await buyOnce((await service.signUp()).accessToken)
  await service.report('/api/leads', { customerKey: 'imported 7', email: 'alan@example.com', clickId: await affitor.click() })
  await service.report('/api/sales', { customerKey: 'imported 7', transactionId: 'order_1', amountCents: 2500, currency: 'EUR' })
  await service.work()

  // What a person looked at, and what nobody has yet.
  for (const transactionId of ['order_2', 'order_3']) {
    await service.report('/api/sales', { customerKey: 'imported 7', transactionId, amountCents: 100, currency: 'JPY' })
  }
  await service.work()
  const looked = (await service.ledger()).find(({ transactionId }) => transactionId === 'order_2')
  await service.operator('POST', `/api/tracking/events/${looked?.id}/resolve`, { note: 'Credited by hand.', by: 'Grace' })

  // One who wanted to be forgotten.
  const forgotten = await service.signUp({ affitorClickId: await affitor.click() })
  await service.work()
  await service.operator('DELETE', `/api/tracking/customers/${forgotten.userId}/personal-data`)

  // What waits: for Affitor to answer again, for the sale of a refund, and for the next reading of the inbox.
  affitor.behave({ failStatus: 503, endpoints: ['lead', 'sale', 'refund'] })
  const late = await service.signUp({ affitorClickId: await affitor.click() })
  await buyOnce(late.accessToken)
  await service.work()
  await sendEvent(service, stripeEvent('refund.created', refundOf('pi_of_a_sale_to_come', 500)))
  await service.work()
  await buyOnce(late.accessToken)
}
