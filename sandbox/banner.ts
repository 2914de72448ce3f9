export interface Addresses {
  url: string
  affitorUrl: string
  stripeUrl: string
  adminToken: string
  apiToken: string | undefined
}

/** What a person is told at the start of sandbox mode. */
export function banner ({ url, affitorUrl, stripeUrl, adminToken, apiToken }: Addresses): string {
  return `
  SANDBOX: no account is used and no money moves. Local stand-ins take the place of Stripe and Affitor.

  Storefront   ${url}/
  Operator     ${url}/operator   token: ${adminToken}
  API docs     ${url}/docs   token of other backends: ${apiToken ?? 'none, as API_TOKEN is not set'}
  Stripe       ${stripeUrl}/   stand-in: renew, refund, let a debit clear
  Affitor      ${affitorUrl}/   stand-in: make it slow, let it fail, see what it recorded

  Click this first, as a visitor whom a partner sends:  ${url}/?aff=TESTCODE
`
}
