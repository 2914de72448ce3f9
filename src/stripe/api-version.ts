import type Stripe from 'stripe'

/**
 * The version of Stripe's API that is asked, whichever the app's stripe package pins, so that answers have the shapes of
 * the types here: that of our own package. Events have the version of their endpoint.
 */
export const STRIPE_API_VERSION = '2026-10-28.endive' satisfies typeof Stripe.API_VERSION

/** The oldest version of which every event that is needed is read. */
export const OLDEST_READ_API_VERSION = '2020-08-27'

/**
 * Whether events of this version are read: `older` and `newer` ones are not. Within a family, such as `endive`, Stripe
 * only adds. https://docs.stripe.com/sdks/versioning
 */
export function readsApiVersion (version: string): 'yes' | 'older' | 'newer' {
  const [day = '', family] = version.split('.')
  const [newestDay = '', newestFamily] = STRIPE_API_VERSION.split('.')
  if (day < OLDEST_READ_API_VERSION) return 'older'
  return day <= newestDay || family === newestFamily ? 'yes' : 'newer'
}
