export interface Addresses {
  url: string
  affitorUrl: string
  stripeUrl: string
  adminToken: string
  apiToken: string | undefined
  metricsToken: string | undefined
  /** Variables without which what is configured of accounts is not used. */
  missing: string[] | undefined
}

/** What a person is told at the start of sandbox mode. */
export function banner ({ url, affitorUrl, stripeUrl, adminToken, apiToken, metricsToken, missing }: Addresses): string {
  return `
  SANDBOX: no account is used and no money moves. Local stand-ins take the place of Stripe and Affitor.${notUsedYet(missing)}

  Storefront   ${url}/
  Operator     ${url}/operator   token: ${adminToken}
  API docs     ${url}/docs   token of other backends: ${apiToken ?? 'none, as API_TOKEN is not set'}
  Metrics      ${url}/metrics   token: ${metricsToken ?? 'none, as METRICS_TOKEN is not set'}
  Stripe       ${stripeUrl}/   stand-in: renew, refund, let a debit clear
  Affitor      ${affitorUrl}/   stand-in: make it slow, let it fail, see what it recorded

  Click this first, as a visitor whom a partner sends:  ${url}/?aff=TESTCODE
`
}

function notUsedYet (missing: string[] | undefined): string {
  if (missing === undefined) return ''
  return `

  What is set of Affitor's account is not used yet. For real accounts these are missing, in .env or the environment:
  ${missing.join(', ')}
  docs/environment.md explains each, and \`npx fastify-affitor setup\` makes Stripe's webhook endpoint.`
}
