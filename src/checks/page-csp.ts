/** What a page is about to load or to call. */
export interface Load {
  directive: 'script-src' | 'connect-src'
  address: URL
  /** Address of the page itself. */
  page: URL
  /** Of the script's tag. */
  nonce?: string | undefined
  /** Of the script's tag: hashes of what it may load. */
  integrity?: string | undefined
}

/** Which directives decide, the first one that a policy has. https://www.w3.org/TR/CSP3/#directive-fallback-list */
const DECIDING = {
  'script-src': ['script-src-elem', 'script-src', 'default-src'],
  'connect-src': ['connect-src', 'default-src']
}

const HOST_SOURCE = /^(?:([a-z][a-z\d+.-]*):\/\/)?(\*|(?:\*\.)?[^*:/]+)(?::(\d+|\*))?(\/[^?#]*)?$/i

/**
 * Which directive of a page's policies keeps it from loading something: every policy must allow it.
 * @param policies the values of each `Content-Security-Policy`; several may be in one, with commas between
 * @returns undefined when all allow it
 */
export function refusedBy (policies: string[], load: Load): string | undefined {
  for (const policy of policies.flatMap(value => value.split(','))) {
    const directives = parse(policy)
    const name = DECIDING[load.directive].find(candidate => directives.has(candidate))
    if (name !== undefined && !allows(directives.get(name) ?? [], load)) return name
  }
  return undefined
}

function parse (policy: string): Map<string, string[]> {
  const directives = new Map<string, string[]>()
  for (const text of policy.split(';')) {
    const [name = '', ...sources] = text.trim().split(/\s+/)
    // Of a directive that is written twice, browsers take the first.
    if (name !== '' && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources)
  }
  return directives
}

function allows (sources: string[], load: Load): boolean {
  if (load.directive === 'script-src') {
    if (load.nonce !== undefined && load.nonce !== '' && sources.includes(`'nonce-${load.nonce}'`)) return true
    const hashes = load.integrity?.split(/\s+/).filter(hash => hash !== '') ?? []
    if (hashes.length > 0 && hashes.every(hash => sources.includes(`'${hash}'`))) return true
    // Hosts are then ignored, whatever the list says.
    if (sources.some(source => source.toLowerCase() === "'strict-dynamic'")) return false
  }
  return sources.some(source => matches(source, load))
}

function matches (source: string, { address, page }: Load): boolean {
  if (source === '*') return /^(https?|wss?):$/.test(address.protocol)
  if (source.toLowerCase() === "'self'") return address.host === page.host && isSchemeOf(page.protocol, address.protocol)
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return isSchemeOf(source.toLowerCase(), address.protocol)
  const [found, scheme, host = '', port, path] = HOST_SOURCE.exec(source) ?? []
  if (found === undefined) return false
  return isSchemeOf(scheme === undefined ? page.protocol : `${scheme.toLowerCase()}:`, address.protocol) &&
    isHostOf(host.toLowerCase(), address.hostname) &&
    isPortOf(port, address) &&
    isPathOf(path, address.pathname)
}

/** What is allowed by HTTP is allowed by HTTPS too. */
const isSchemeOf = (allowed: string, protocol: string) => allowed === protocol || (allowed === 'http:' && protocol === 'https:')

function isHostOf (allowed: string, hostname: string): boolean {
  if (allowed === '*') return true
  return allowed.startsWith('*.') ? hostname.endsWith(allowed.slice(1)) : hostname === allowed
}

function isPortOf (allowed: string | undefined, { port, protocol }: URL): boolean {
  if (allowed === '*') return true
  const own = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  return allowed === undefined ? port === '' : allowed === own || (allowed === '80' && own === '443')
}

function isPathOf (allowed: string | undefined, pathname: string): boolean {
  if (allowed === undefined || allowed === '/') return true
  return allowed.endsWith('/') ? pathname.startsWith(allowed) : pathname === allowed
}
