import fc from 'fast-check'
import type Stripe from 'stripe'
import type { StripeState } from '../../sandbox/stripe/index.js'
import type { PriceId } from './prices.js'
import type { Buyer, Stage } from './stage.js'

/** Something that a buyer, a bank, the shop or time does. Numbers without a unit choose among what there is. */
export type Action =
  | { do: 'buy', buyer: number, price: number, debit: boolean, reference: boolean, discountPercent: number, taxPercent: number }
  | { do: 'subscribe by API', buyer: number, price: number, taxPercent: number }
  | { do: 'debit', payment: number, clears: boolean }
  | { do: 'renew', subscription: number, fails: boolean, discountPercent: number, taxPercent: number }
  | { do: 'pay again', invoice: number }
  | { do: 'upgrade', subscription: number }
  | { do: 'refund', payment: number, percent: number, pending: boolean }
  | { do: 'settle refund', refund: number, succeeds: boolean }
  | { do: 'dispute', payment: number, percent: number, outcome: 'open' | 'inquiry' | 'won' | 'lost' }
  | { do: 'close dispute', dispute: number, won: boolean }

const once = ['price_once_usd', 'price_once_eur', 'price_once_vnd', 'price_once_jpy'] as const satisfies PriceId[]
const recurring = ['price_month_usd', 'price_month_eur', 'price_month_vnd', 'price_month_jpy'] as const satisfies PriceId[]
const upgrades: Record<string, PriceId> = { usd: 'price_month_pro_usd', eur: 'price_month_pro_eur' }

const choice = fc.nat({ max: 20 })
const discountPercent = fc.constantFrom(0, 0, 0, 0, 0, 10, 33, 100)
const taxPercent = fc.constantFrom(0, 0, 7, 19, 8.875)
/** 100 is all that is left. */
const percent = fc.constantFrom(1, 20, 33, 50, 99, 100, 100)

const aPurchase: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('buy' as const), buyer: choice, price: choice, debit: fc.constantFrom(false, false, true), reference: fc.boolean(), discountPercent, taxPercent
})

const anAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: aPurchase },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe by API' as const), buyer: choice, price: choice, taxPercent }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('debit' as const), payment: choice, clears: fc.constantFrom(true, true, false) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), subscription: choice, fails: fc.constantFrom(false, false, true), discountPercent, taxPercent }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pay again' as const), invoice: choice }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('upgrade' as const), subscription: choice }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('refund' as const), payment: choice, percent, pending: fc.constantFrom(false, false, true) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('settle refund' as const), refund: choice, succeeds: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('dispute' as const), payment: choice, percent, outcome: fc.constantFrom('lost', 'lost', 'won', 'open', 'inquiry') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('close dispute' as const), dispute: choice, won: fc.boolean() }) }
)

/** Begins with a purchase: most of the rest needs one. */
export const someActions = fc.tuple(aPurchase, fc.array(anAction, { minLength: 5, maxLength: 15, size: 'max' })).map(([first, rest]) => [first, ...rest])

/** Does it, if it can be done: what Stripe refuses does not happen. */
export async function perform (stage: Stage, buyers: Buyer[], action: Action): Promise<void> {
  try {
    await attempt(stage, buyers, action)
  } catch (error) {
    if (!(error instanceof Error) || !/: 4\d\d /.test(error.message)) throw error
  }
}

async function attempt (stage: Stage, buyers: Buyer[], action: Action): Promise<void> {
  const { state } = stage.service.stripe.sandbox.stripe
  switch (action.do) {
    case 'buy': return await buy(stage, pick(buyers, action.buyer), action)
    case 'subscribe by API': {
      const { userId } = pick(buyers, action.buyer)
      await stage.act('/subscriptions', {
        price: pick(recurring, action.price), metadata: { affitor_customer_key: userId, program_id: '42' }, tax_percent: action.taxPercent
      })
      return
    }
    case 'debit': {
      const session = find([...state.sessions.values()].filter(({ payment_status: status }) => status === 'unpaid'), action.payment)
      if (session) await stage.act(`/checkout/sessions/${session.id}/${action.clears ? 'clear' : 'fail-payment'}`)
      return
    }
    case 'renew': {
      stage.pass(30 * 24)
      const subscription = find([...state.subscriptions.values()], action.subscription)
      if (subscription) await stage.act(`/subscriptions/${subscription.id}/renew`, { outcome: action.fails ? 'failed' : 'paid', ...terms(action) })
      return
    }
    case 'pay again': {
      const invoice = find([...state.invoices.values()].filter(({ status }) => status === 'open'), action.invoice)
      if (invoice) await stage.act(`/invoices/${invoice.id}/pay`)
      return
    }
    case 'upgrade': {
      stage.pass(10 * 24)
      const subscription = find([...state.subscriptions.values()], action.subscription)
      const price = upgrades[subscription?.currency ?? '']
      if (subscription && price) await stage.act(`/subscriptions/${subscription.id}/upgrade`, { price })
      return
    }
    case 'refund': {
      const charge = find(paid(state), action.payment)
      if (charge) await stage.act('/refunds', { charge: charge.id, ...share(charge.amount, action.percent), status: action.pending ? 'pending' : 'succeeded' })
      return
    }
    case 'settle refund': {
      const refund = find([...state.refunds.values()].filter(({ status }) => status === 'pending'), action.refund)
      if (refund) await stage.act(`/refunds/${refund.id}/settle`, { status: action.succeeds ? 'succeeded' : 'failed' })
      return
    }
    case 'dispute': {
      const charge = find(paid(state), action.payment)
      if (charge) await disputeCharge(stage, charge, action)
      return
    }
    case 'close dispute': {
      const dispute = find([...state.disputes.values()].filter(({ status }) => status.endsWith('needs_response')), action.dispute)
      if (dispute) await stage.act(`/disputes/${dispute.id}/close`, { status: action.won ? 'won' : 'lost' })
    }
  }
}

async function buy (stage: Stage, buyer: Buyer, action: Extract<Action, { do: 'buy' }>): Promise<void> {
  const price = pick([...once, ...recurring], action.price)
  const mode = price.startsWith('price_once') ? 'payment' : 'subscription'
  const id = action.reference
    ? (await stage.service.stripe.client.checkout.sessions.create({
        mode, line_items: [{ price, quantity: 1 }], success_url: 'https://shop.example/', client_reference_id: buyer.userId
      })).id
    : await stage.service.checkOut(buyer.accessToken, { priceId: price, mode })
  const method = action.debit && /usd|eur/.test(price) ? 'bank_debit' : 'card'
  await stage.act(`/checkout/sessions/${id}/pay`, { method, ...terms(action) })
}

async function disputeCharge (stage: Stage, charge: Stripe.Charge, { percent, outcome }: Extract<Action, { do: 'dispute' }>): Promise<void> {
  const { dispute } = await stage.act('/disputes', { charge: charge.id, ...share(charge.amount, percent), inquiry: outcome === 'inquiry' })
  if (outcome === 'won' || outcome === 'lost') await stage.act(`/disputes/${dispute.id}/close`, { status: outcome })
}

const terms = ({ discountPercent, taxPercent }: { discountPercent: number, taxPercent: number }) => ({ discount_percent: discountPercent, tax_percent: taxPercent })
const share = (amount: number, percent: number) => (percent === 100 ? {} : { amount: Math.ceil(amount * percent / 100) })

function paid (state: StripeState): Stripe.Charge[] {
  return [...state.charges.values()].filter(({ captured }) => captured)
}

function find<T> (items: T[], index: number): T | undefined {
  return items[index % items.length]
}

function pick<T> (items: readonly T[], index: number): T {
  return items[index % items.length] as T
}
