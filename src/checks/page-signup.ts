import { randomBytes } from 'node:crypto'
import type { BrowserPage } from './chromium.js'
import { fulfil, hasClickCookie, until } from './page-network.js'
import type { PausedRequest } from './page-network.js'
import { submitSignup } from './page-script.js'
import type { SignupSeen } from './page-seen.js'

export interface SignupVisit {
  page: BrowserPage
  /** That the tracker was given. */
  clickId: string
  /** The page's own. */
  origin: string
  /** Evaluates in the page. */
  run <T>(expression: string): Promise<T>
  /** Takes what answers requests from now on; true: it was answered. */
  intercept (handle: (paused: PausedRequest) => Promise<boolean>): void
}

/** How long a form may take to send, in milliseconds. */
const SEND_MS = 3_000
/** How long the browser may take to read an answer, in milliseconds. */
const READ_MS = 500

/** A request that the form made, as text, with what stands in it. */
interface Sent { paused: PausedRequest, text: string, withPassword: boolean }

/** Fills the signup form, sends it, and looks at the request that it makes. Nothing of it goes out. */
export async function watchSignup ({ page, clickId, origin, run, intercept }: SignupVisit): Promise<SignupSeen> {
  const email = `verify-${randomBytes(6).toString('hex')}@example.com`
  const password = `Verify-${randomBytes(9).toString('hex')}-1!`
  const sent: Sent[] = []
  const ends = new Map<string, 'with_credentials' | 'without'>()
  page.on<{ requestId: string }>('Network.loadingFinished', ({ requestId }) => { ends.set(requestId, 'without') })
  page.on<{ requestId: string, corsErrorStatus?: { corsError: string } }>('Network.loadingFailed', ({ requestId, corsErrorStatus }) => {
    ends.set(requestId, /credentials/i.test(corsErrorStatus?.corsError ?? '') ? 'with_credentials' : 'without')
  })

  intercept(async paused => {
    const { request, resourceType } = paused
    const isPreflight = request.method === 'OPTIONS'
    const text = isPreflight ? '' : await textOf(page, paused)
    const isOurs = includes(text, email)
    if (!isOurs && !isPreflight && ['GET', 'HEAD'].includes(request.method)) return false
    if (isOurs) sent.push({ paused, text, withPassword: includes(text, password) })
    // The page stays, and whoever made the request may hear that it failed.
    if (resourceType === 'Document') await page.send('Fetch.failRequest', { requestId: paused.requestId, errorReason: 'Aborted' })
    // Without leave for credentials, the browser refuses the answer to a request that has them: by that they are known.
    else await fulfil(page, paused, 503, { message: 'Nothing was sent.' }, false)
    return true
  })

  if (await run<string>(submitSignup(email, password)) === 'no_form') return { state: 'no_form' }
  await until(() => sent.some(({ withPassword }) => withPassword), SEND_MS)
  const signup = sent.find(({ withPassword }) => withPassword) ?? sent.at(-1)
  if (signup === undefined) return { state: 'nothing_sent' }

  const { request, resourceType, networkId = '' } = signup.paused
  const isSameOrigin = new URL(request.url).origin === origin
  const address = request.url.replace(/[?#].*$/s, '')
  if (includes(signup.text, clickId)) return { state: 'sent', address, isSameOrigin, carried: 'in_request' }
  const isFetched = resourceType !== 'Document' && !isSameOrigin
  if (isFetched) await until(() => ends.has(networkId), READ_MS)
  const sendsCookies = !isFetched || ends.get(networkId) === 'with_credentials'
  const carried = sendsCookies && await hasClickCookie(page, request.url, clickId) ? 'in_cookie' : 'not'
  return { state: 'sent', address, isSameOrigin, carried }
}

/** Address, headers and body of a request. Its cookies are left out: not every version of Chromium tells them here. */
async function textOf (page: BrowserPage, { request, networkId }: PausedRequest): Promise<string> {
  const { url, headers, postData, postDataEntries = [], hasPostData } = request
  let body = postData ?? Buffer.concat(postDataEntries.map(({ bytes = '' }) => Buffer.from(bytes, 'base64'))).toString('utf8')
  if (body === '' && hasPostData === true && networkId !== undefined) {
    body = (await page.send<{ postData: string }>('Network.getRequestPostData', { requestId: networkId }).catch(() => ({ postData: '' }))).postData
  }
  const told = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'cookie').map(([, value]) => value)
  return [url, ...told, body].join('\n')
}

/** Also as addresses and forms write it. */
function includes (text: string, value: string): boolean {
  return text.includes(value) || text.includes(encodeURIComponent(value)) || text.includes(new URLSearchParams([['', value]]).toString().slice(1))
}
