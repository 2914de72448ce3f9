export interface Addresses {
  url: string
  affitorUrl: string
  stripeUrl: string
  adminToken: string
}

/** What a person is told at the start of sandbox mode. */
export function banner ({ url, affitorUrl, stripeUrl, adminToken }: Addresses): string {
  return `
  SANDBOX: no account is used and no money moves. Stand-ins take the place of Stripe and Affitor.

  API            ${url}/docs
  Operator       Authorization: Bearer ${adminToken}
  Affitor        ${affitorUrl}  (stand-in; what it recorded: ${affitorUrl}/_sandbox/state)
  Stripe         ${stripeUrl}  (stand-in; what it holds: ${stripeUrl}/_sandbox/state)

  See a partner earn a commission: npm run demo
`
}
