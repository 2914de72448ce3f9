import { formatMoney } from '#money'
import { explain } from './reasons.js'
import type { StoryRows } from './story.js'
import type { TrackingEventRow } from './tracking-events.js'

type Sale = TrackingEventRow & { payload: { amountCents: number, currency: string, isRecurring: boolean } }

/**
 * The answer to "my referral bought and I got nothing", in a few sentences: what was paid, what the partner was credited
 * for, and why not for the rest. From the ledger alone: Affitor tells neither the partner nor the commission's amount.
 */
export function verdictOf ({ trackingEvents, stripeEvents }: Pick<StoryRows, 'trackingEvents' | 'stripeEvents'>): string {
  const facts = trackingEvents.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || a.id - b.id)
  // The invoice of a subscription's first payment is the same money as its session.
  const sales = facts.filter((fact): fact is Sale => fact.kind === 'sale' && fact.reason !== 'twin_of_session' && 'currency' in fact.payload)
  const refunds = facts.filter(({ kind }) => kind === 'refund')
  const waitsForMoney = stripeEvents.some(({ reason, id }) => reason === 'unpaid' && !settledLater(id, stripeEvents, sales))
  return [
    sales.length === 0 ? withoutSales(waitsForMoney) : withSales(sales),
    ...sales.length > 0 && waitsForMoney ? ['A further payment has not cleared yet; it is counted when the money comes.'] : [],
    ...whyNot(sales),
    ...refunds.length === 0 ? [] : [aboutRefunds(refunds, sales)]
  ].join(' ')
}

/** Whether a payment that had not cleared is decided since: a later event of its customer tells. */
function settledLater (id: string, events: StoryRows['stripeEvents'], sales: Sale[]): boolean {
  const unpaid = events.find(event => event.id === id)
  return unpaid === undefined || sales.some(sale => sale.createdAt >= unpaid.receivedAt) ||
    events.some(({ reason, createdAt }) => reason === 'payment_failed' && createdAt >= unpaid.createdAt)
}

function withoutSales (waitsForMoney: boolean): string {
  return waitsForMoney
    ? 'A payment was begun that has not cleared yet, such as a bank debit: it is counted when the money comes.'
    : 'No payment is known of this customer yet.'
}

/** "Two payments, $38.00; the partner was credited for one." */
function withSales (sales: Sale[]): string {
  const credited = sales.filter(isCredited)
  const waiting = sales.filter(({ state }) => state === 'pending')
  const ids = credited.flatMap(({ response }) => (response as { commission_id?: unknown } | null)?.commission_id ?? [])
  const commissions = ids.length === 0 || ids.length > 3 ? '' : ` (commission ${ids.join(', ')} at Affitor)`
  return `${capital(counted(sales.length, 'payment'))}, ${amountOf(sales)}; ` +
    `the partner was credited for ${share(credited.length, sales.length)}${commissions}` +
    `${waiting.length === 0 ? '' : `, and ${waiting.length === sales.length ? 'Affitor has not answered yet' : `${inWords(waiting.length)} ${waiting.length === 1 ? 'waits' : 'wait'} for Affitor's answer`}`}.`
}

const isCredited = ({ state }: Sale) => state === 'delivered'

/** Why payments were not credited, those that ended alike together, with the days of the attribution window where Affitor told them. */
function whyNot (sales: Sale[]): string[] {
  const others = sales.filter(sale => !isCredited(sale) && sale.state !== 'pending')
  const groups = new Map<string, Sale[]>()
  for (const sale of others) groups.set(`${sale.state} ${sale.reason}`, [...groups.get(`${sale.state} ${sale.reason}`) ?? [], sale])
  return [...groups.values()].map(group => `${capital(theOnes(group))}: ${whyOf(group[0] as Sale)}${resolvedBy(group)}`)
}

function whyOf (sale: Sale): string {
  const { window_days: window, click_age_days: age } = (sale.response ?? {}) as { window_days?: unknown, click_age_days?: unknown }
  if (sale.reason === 'attribution_window_expired') {
    const when = typeof window === 'number' ? `it came after the attribution window of ${window} days` : 'it came after the program\'s attribution window'
    return `${when}${typeof age === 'number' ? `, ${age} days after the click` : ''}.${sale.earnedBefore === true ? ` ${WORTH_ASKING}` : ''}`
  }
  if (sale.reason === 'customer_not_found' && sale.lead === null) return NO_LEAD
  return explain(sale.reason) ?? 'it was refused.'
}

/** Said of a renewal without a commission whose customer has earned one before. */
export const WORTH_ASKING = 'An earlier payment of this customer earned a commission: ask Affitor whether renewals are meant to end with the window.'

/** Said where Affitor does not know a customer of whom no signup was reported. */
export const NO_LEAD = 'No signup was ever reported for this customer, so Affitor could tie them to no click.'

function resolvedBy (group: Sale[]): string {
  const { resolution } = group[0] as Sale
  return group.length === 1 && resolution !== null ? ` Dealt with${resolution.by === null ? '' : ` by ${resolution.by}`}: ${resolution.note}` : ''
}

/** "Of it, $19.00 was refunded; Affitor took that back from the partner." */
function aboutRefunds (refunds: TrackingEventRow[], sales: Sale[]): string {
  const currencies = new Map(sales.map(sale => [sale.transactionId, sale.payload.currency]))
  const amounts = refunds.flatMap(({ payload, saleTransactionId }) => {
    const currency = currencies.get(String(saleTransactionId))
    return currency === undefined || !('amountCents' in payload) ? [] : [{ payload: { amountCents: payload.amountCents, currency } }]
  })
  const taken = refunds.filter(({ state }) => state === 'delivered').length
  const what = `${capital(counted(refunds.length, 'refund'))}${amounts.length === 0 ? '' : `, ${amountOf(amounts)}`}`
  if (taken === refunds.length) return `${what}: taken back from the partner.`
  const first = refunds.find(({ state }) => state !== 'delivered')
  const why = first?.state === 'pending' ? 'Affitor has not answered yet.' : explain(first?.reason ?? null) ?? ''
  return `${what}: ${taken === 0 ? '' : `${inWords(taken)} taken back from the partner; `}${why}`.trim()
}

/** Sums by currency: "$38.00 and €5.00". */
function amountOf (sales: Array<{ payload: { amountCents: number, currency: string } }>): string {
  const sums = new Map<string, number>()
  for (const { payload: { amountCents, currency } } of sales) sums.set(currency, (sums.get(currency) ?? 0) + amountCents)
  return list([...sums].map(([currency, amount]) => formatMoney(amount, currency)))
}

/** "the payment of 2 November 2026", "the renewals of 3 November 2026 and 3 December 2026" */
function theOnes (sales: Sale[]): string {
  const noun = sales.every(({ payload }) => payload.isRecurring) ? 'renewal' : 'payment'
  if (sales.length > 3) return `${inWords(sales.length)} ${noun}s`
  return `the ${noun}${sales.length === 1 ? '' : 's'} of ${list(sales.map(({ occurredAt }) => day.format(occurredAt)))}`
}

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const list = (parts: string[]) => new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(parts)
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const inWords = (count: number) => ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'][count] ?? String(count)
const counted = (count: number, noun: string) => `${inWords(count)} ${noun}${count === 1 ? '' : 's'}`

function share (part: number, whole: number): string {
  if (part !== whole || part === 0) return inWords(part)
  return whole === 1 ? 'it' : whole === 2 ? 'both' : `all ${inWords(whole)}`
}
