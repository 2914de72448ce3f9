/** Why no answer came, and what to do about it. */
export interface Unreachable { message: string, fix: string }

const REASONS: Record<string, [what: string, fix: string]> = {
  ENOTFOUND: ['has no address in the DNS', 'Look at the address for a slip of the pen, and at the DNS.'],
  EAI_AGAIN: ['has no address in the DNS for now', 'Look at the DNS, and run this again.'],
  ECONNREFUSED: ['takes no connections', 'Start what listens there, or mend the address or the port.'],
  ECONNRESET: ['ended the connection without an answer', 'Look into the log of what listens there, or of the proxy before it.'],
  UND_ERR_SOCKET: ['ended the connection without an answer', 'Look into the log of what listens there, or of the proxy before it.'],
  EHOSTUNREACH: ['cannot be reached from here', 'Look at the network and its firewalls.'],
  ENETUNREACH: ['cannot be reached from here', 'Look at the network and its firewalls.'],
  ETIMEDOUT: ['did not answer', 'Look at the network and its firewalls.'],
  UND_ERR_CONNECT_TIMEOUT: ['did not answer', 'Look at the network and its firewalls.'],
  CERT_HAS_EXPIRED: ['has a TLS certificate that has expired', 'Renew the certificate.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['has a TLS certificate of another name', 'Install a certificate for this name.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['has a self-signed TLS certificate', 'Install a certificate of a public authority.'],
  SELF_SIGNED_CERT_IN_CHAIN: ['has a TLS certificate of an authority that nobody knows', 'Install a certificate of a public authority.'],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['has a TLS certificate of an authority that nobody knows', 'Install a certificate of a public authority.'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['leaves out the intermediate TLS certificate', 'Serve the whole chain of certificates ("fullchain").']
}

/**
 * What `fetch` threw, in words for people.
 * @param address that was asked; its path and query are not shown
 * @returns undefined for what is no failure of the network
 */
export function unreachable (error: unknown, address: string): Unreachable | undefined {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return undefined
  const code = codeOf(error.cause)
  const { origin } = new URL(address)
  const [what, fix] = REASONS[code] ?? (/^(ERR_SSL|ERR_TLS|EPROTO|CERT_)/.test(code)
    ? [`does not speak TLS as it should (${code})`, 'Look at the certificate and at the port: an https address needs TLS there.']
    : [`gave no answer (${code})`, 'Look whether the address is right and reachable from here.'])
  return { message: `${origin} ${what}.`, fix }
}

/** Of several addresses that were tried, the first one's. */
function codeOf (cause: Error): string {
  const first = cause instanceof AggregateError && cause.errors[0] instanceof Error ? cause.errors[0] : cause
  return 'code' in first && typeof first.code === 'string' ? first.code : first.name
}
