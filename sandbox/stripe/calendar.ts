import type Stripe from 'stripe'

/** A billing interval later, in Unix seconds; the 31st becomes the month's last day, as in Stripe's billing. */
export function addInterval (timestamp: number, interval: Stripe.Price.Recurring.Interval, count: number): number {
  const date = new Date(timestamp * 1000)
  if (interval === 'day') date.setUTCDate(date.getUTCDate() + count)
  else if (interval === 'week') date.setUTCDate(date.getUTCDate() + 7 * count)
  else {
    const day = date.getUTCDate()
    date.setUTCDate(1)
    date.setUTCMonth(date.getUTCMonth() + (interval === 'year' ? 12 * count : count))
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
    date.setUTCDate(Math.min(day, lastDay))
  }
  return Math.floor(date.getTime() / 1000)
}
