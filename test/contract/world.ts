import { eventsInFamily } from '../fixtures/stored.js'
import { families, sendEvent } from '../fixtures/index.js'
import type { AnyEvent } from '../fixtures/index.js'
import type { Service } from '../helpers/service.js'
import type { World } from './credentials.js'

const PASSWORD = 'correct horse battery'

/** A shop with a past, so that generated requests meet what is stored. */
export async function liveThePast (service: Service): Promise<World> {
  const { control } = service.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })
  const clicks = [await service.affitor.click(), await service.affitor.click()]
  const users = []
  for (const affitorClickId of [...clicks, null, null, null, null]) users.push(await service.signUp({ affitorClickId, password: PASSWORD }))
  await service.work()
  for (const { accessToken } of users.slice(0, 3)) await buy(service, accessToken)
  const { state } = service.stripe.sandbox.stripe
  for (const event of eventsInFamily(state, 'endive')) await sendEvent(service, event)
  await service.work()

  const facts = await service.ledger()
  const inAllFamilies: AnyEvent[] = families.flatMap(family => eventsInFamily(state, family))
  return {
    accessTokens: users.map(({ accessToken }) => accessToken),
    webhookSecret: service.stripe.webhookSecret,
    events: inAllFamilies.map(event => JSON.stringify(event)),
    known: {
      email: users.flatMap(({ email }) => [email, email.toUpperCase()]),
      password: [PASSWORD],
      affitorClickId: ['', ...clicks],
      priceId: ['price_sandbox_onetime', 'price_sandbox_eur', 'price_sandbox_monthly', 'price_sandbox_yearly'],
      'idempotency-key': ['again'],
      id: [...facts.map(({ id }) => id), ...state.events.keys()],
      transactionId: facts.filter(({ kind }) => kind === 'sale').map(({ transactionId }) => transactionId),
      saleTransactionId: facts.filter(({ kind }) => kind === 'sale').map(({ transactionId }) => transactionId),
      occurredAt: [new Date().toISOString()],
      customerKey: users.map(({ userId }) => userId),
      cursor: ['3', '20', '1000000'],
      type: ['checkout.session.completed', 'invoice.paid', 'refund.created']
    }
  }
}

/** Pays, renews, refunds and disputes, once each. */
async function buy (service: Service, accessToken: string): Promise<void> {
  const { control } = service.stripe
  const once = await service.checkOut(accessToken)
  await control('POST', `/checkout/sessions/${once}/pay`, {})
  await control('POST', '/refunds', { checkout_session: once, amount: 1000 })
  const debit = await service.checkOut(accessToken)
  await control('POST', `/checkout/sessions/${debit}/pay`, { method: 'bank_debit' })
  await control('POST', `/checkout/sessions/${debit}/fail-payment`)
  const subscribed = await service.checkOut(accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription } = await control('POST', `/checkout/sessions/${subscribed}/pay`, {})
  const renewal = await control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  const { dispute } = await control('POST', '/disputes', { invoice: renewal.invoice?.id })
  await control('POST', `/disputes/${dispute.id}/close`, { status: 'lost' })
}
