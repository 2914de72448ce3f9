import { VERSION } from '../version.js'
import { refusedBy } from './page-csp.js'
import { startTags } from './page-html.js'
import type { StartTag } from './page-html.js'
import { answeredPage, isTracker, PageProblem, visitAddress } from './page-seen.js'
import type { Arrival, PageSeen, TrackerTag } from './page-seen.js'
import { unreachable } from './unreachable.js'

/** More than any page has, in characters. */
const LONGEST_PAGE = 5_000_000

/**
 * Looks at a page by its HTML alone: what a script puts in is not seen, and no cookie.
 * @param why there is no browser
 * @throws {PageProblem} when it does not open
 */
export async function readPage (url: string, why: string, signal: AbortSignal): Promise<PageSeen> {
  const response = await get(visitAddress(url), 'text/html', signal)
  if (!response.ok) throw answeredPage(response.status)
  const tags = startTags((await response.text()).slice(0, LONGEST_PAGE))
  const page = new URL(response.url)
  const href = attribute(tags.find(tag => tag.name === 'base' && tag.attributes.has('href')), 'href') ?? ''
  const base = URL.canParse(href, page.href) ? new URL(href, page) : page
  const scripts = tags.filter(tag => tag.name === 'script' && isTracker(address(tag, base)))
  const policies = [
    response.headers.get('content-security-policy') ?? '',
    ...tags.filter(isPolicy).map(tag => attribute(tag, 'content') ?? '')
  ]
  return {
    withoutBrowser: why,
    address: page.href,
    tags: scripts.map(tag => describe(tag, base)),
    ...(scripts[0] === undefined
      ? { script: { state: 'absent' }, click: { state: 'absent' } }
      : { script: await scriptArrival(scripts[0], base, page, policies, signal), click: clickArrival(describe(scripts[0], base), page, policies) }),
    hasCookie: false
  }
}

const attribute = (tag: StartTag | undefined, name: string): string | null => tag?.attributes.get(name) ?? null

const isPolicy = (tag: StartTag) => tag.name === 'meta' && attribute(tag, 'http-equiv')?.trim().toLowerCase() === 'content-security-policy'

function address (tag: StartTag, base: URL): string {
  const src = attribute(tag, 'src')?.trim() ?? ''
  return src !== '' && URL.canParse(src, base.href) ? new URL(src, base).href : ''
}

function describe (tag: StartTag, base: URL): TrackerTag {
  return {
    src: address(tag, base),
    programId: attribute(tag, 'data-affitor-program-id'),
    apiBase: attribute(tag, 'data-affitor-api-base'),
    isDeferred: tag.attributes.has('defer') || tag.attributes.has('async')
  }
}

async function scriptArrival (tag: StartTag, base: URL, page: URL, policies: string[], signal: AbortSignal): Promise<Arrival> {
  const src = address(tag, base)
  const directive = refusedBy(policies, {
    directive: 'script-src', address: new URL(src), page, nonce: tag.attributes.get('nonce'), integrity: tag.attributes.get('integrity')
  })
  if (directive !== undefined) return { state: 'blocked', directive }
  try {
    const response = await get(src, '*/*', signal)
    await response.body?.cancel()
    return arrivalOfScript(response.status, response.headers.get('content-type') ?? '')
  } catch (error) {
    if (error instanceof PageProblem) return { state: 'failed', why: error.message.replace(/\.$/, '') }
    throw error
  }
}

function clickArrival ({ src, apiBase }: TrackerTag, page: URL, policies: string[]): Arrival {
  const api = apiBase !== null && URL.canParse(apiBase) ? apiBase : src
  const directive = refusedBy(policies, { directive: 'connect-src', address: new URL('/api/v1/track/click', api), page })
  return directive === undefined ? { state: 'arrived' } : { state: 'blocked', directive }
}

/** Of a script that was answered. */
export function arrivalOfScript (status: number, contentType: string): Arrival {
  if (status >= 400) return { state: 'failed', why: `it was answered ${status}` }
  return contentType.includes('html') ? { state: 'failed', why: 'a page came in its place' } : { state: 'arrived' }
}

async function get (url: string, accept: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept, 'user-agent': `fastify-affitor/${VERSION}` }, signal })
  } catch (error) {
    const problem = unreachable(error, url)
    throw problem === undefined ? error : new PageProblem(problem.message, problem.fix)
  }
}
