import { AsyncLocalStorage } from 'node:async_hooks'
import type { StripeState } from './state.js'

/** The shop's own account. */
export const OWN_ACCOUNT = 'acct_1SandboxOfThisMachine'

const current = new AsyncLocalStorage<string | undefined>()

/** Does something as a connected account (`acct_...`) does it; undefined is the shop's own account. */
export function asAccount<T> (account: string | undefined, action: () => T): T {
  return current.run(account, action)
}

/** Whose request this is. */
export function currentAccount (): string | undefined {
  return current.getStore()
}

/** The account in a `Stripe-Account` header (docs.stripe.com/connect/authentication#stripe-account-header). */
export function accountHeader (header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined
}

/** Notes that an object belongs to the account that makes this request. */
export function claim (state: StripeState, id: string): void {
  const account = currentAccount()
  if (account !== undefined && !state.owners.has(id)) state.owners.set(id, { id, account })
}

/** Whether an object is there for the account that makes this request: nobody finds another account's objects. */
export function visible (state: StripeState, id: string): boolean {
  return state.owners.get(id)?.account === currentAccount()
}
