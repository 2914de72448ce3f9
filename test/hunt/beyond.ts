import type Stripe from 'stripe'
import { event } from '../../sandbox/stripe/objects/index.js'
import type { EventObject, EventType } from '../../sandbox/stripe/objects/index.js'
import { balanceTransaction } from '../../sandbox/stripe/objects/index.js'
import type { StripeState } from '../../sandbox/stripe/index.js'
import { idOf } from './payments.js'

// What happens at Stripe and the stand-in has no control for: the books are changed, and the events written, by hand.

let events = 0

function tell<T extends EventType> (books: StripeState, type: T, object: EventObject<T>, time: number): void {
  const told = event(type, structuredClone(object), { id: `evt_beyond_${++events}`, created: time, request: { id: null, idempotency_key: null } })
  books.events.set(told.id, { id: told.id, event: told, delivery: 'held', attempts: [] })
}

/** A refund that had gone through comes back, as when the account at the bank is closed. https://docs.stripe.com/refunds#failed-refunds */
export function failLate (books: StripeState, refund: Stripe.Refund, time: number): void {
  const charge = books.charges.get(idOf(refund.charge))
  if (charge === undefined) throw new Error(`${refund.id} is of no charge`)
  refund.status = 'failed'
  refund.failure_reason = 'lost_or_stolen_card'
  charge.amount_refunded -= refund.amount
  charge.refunded = false
  tell(books, 'refund.failed', refund, time)
  tell(books, 'charge.refund.updated', refund, time)
}

/** A credit note of a paid invoice is taken back. Stripe's API refuses that today; what if it does not. */
export function voidLater (books: StripeState, note: Stripe.CreditNote, time: number): void {
  note.status = 'void'
  note.voided_at = time
  tell(books, 'credit_note.voided', note, time)
}

/** A lost dispute is won on appeal. */
export function winOnAppeal (books: StripeState, dispute: Stripe.Dispute, time: number): void {
  dispute.status = 'won'
  move(dispute, dispute.amount, time)
  tell(books, 'charge.dispute.closed', dispute, time)
  tell(books, 'charge.dispute.funds_reinstated', dispute, time)
}

/** A dispute ends before it begins: by giving the money back at once, or without any that moved. */
export function prevent (books: StripeState, dispute: Stripe.Dispute, gaveBack: boolean, time: number): void {
  dispute.status = 'prevented'
  if (!gaveBack) move(dispute, dispute.amount, time)
  tell(books, 'charge.dispute.closed', dispute, time)
}

function move (dispute: Stripe.Dispute, amount: number, created: number): void {
  dispute.balance_transactions = [...dispute.balance_transactions, balanceTransaction({ amount, created, currency: dispute.currency, source: dispute.id })]
}

/** The same event as it would come from somebody else: of a connected account, or of the other mode. */
export function ofSomebodyElse (told: Stripe.Event, who: 'connected account' | 'live mode'): Stripe.Event {
  const text = JSON.stringify(told).replaceAll(/"((?:cs_test|pi|in|re|du|sub|cus|ch|py|inpay)_\w+)"/g, '"$1x"')
  const copy = { ...JSON.parse(text) as Stripe.Event, id: `evt_beyond_${++events}` }
  return who === 'live mode' ? { ...copy, livemode: true } : { ...copy, account: 'acct_of_somebody' }
}
