import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserPage } from './chromium.js'
import { arrivalOfScript } from './page-by-html.js'
import { CLICK_COOKIE, isTracker, trackingCall, VISIT_CODE } from './page-seen.js'
import type { Arrival } from './page-seen.js'

const LOOK_EVERY_MS = 50

/** What a page asks for, before it goes out. */
export interface PausedRequest {
  requestId: string
  networkId?: string
  resourceType: string
  request: { url: string, method: string, headers: Record<string, string>, postData?: string, hasPostData?: boolean, postDataEntries?: Array<{ bytes?: string }> }
}

/** Whether what the browser would send to an address has the click's cookie. */
export async function hasClickCookie (page: BrowserPage, address: string, clickId: string): Promise<boolean> {
  const { cookies } = await page.send<{ cookies: Array<{ name: string, value: string }> }>('Network.getCookies', { urls: [address] })
  return cookies.some(({ name, value }) => name === CLICK_COOKIE && value === clickId)
}

interface Issue {
  details: { contentSecurityPolicyIssueDetails?: { blockedURL?: string, violatedDirective?: string, isReportOnly?: boolean } }
}

export type NetworkWatch = ReturnType<typeof watchNetwork>

/** Looks on while a page loads, and answers in Affitor's place. */
export function watchNetwork (page: BrowserPage, clickId: string) {
  const addresses = new Map<string, string>()
  const statuses = new Map<string, number>()
  let script: Arrival = { state: 'absent' }
  let click: Arrival = { state: 'absent' }
  let status: number | undefined
  let isLoaded = false
  let interceptor: ((paused: PausedRequest) => Promise<boolean>) | undefined

  function failed (address: string, why: string): void {
    if (isTracker(address) && script.state === 'absent') script = { state: 'failed', why }
    if (trackingCall(address) === 'click' && click.state === 'absent') click = { state: 'failed', why }
  }

  /** @param effective the directive that decided, or would have, as `script-src-elem` for `script-src` */
  function blocked (address: string, effective: string): void {
    const directive = effective.replace(/-elem$/, '')
    if (isTracker(address)) script = { state: 'blocked', directive }
    if (trackingCall(address) === 'click') click = { state: 'blocked', directive }
  }

  async function answer (paused: PausedRequest): Promise<void> {
    const { url } = paused.request
    const call = trackingCall(url)
    if (call !== undefined) {
      await fulfil(page, paused, 200, call === 'click'
        ? { success: true, click_id: clickId, partner_code: VISIT_CODE, cookie_window_days: 1 }
        : { success: true, message: 'Lead tracked' })
      if (call === 'click' && paused.request.method !== 'OPTIONS') click = { state: 'arrived' }
    } else if (interceptor === undefined || !await interceptor(paused)) {
      await page.send('Fetch.continueRequest', { requestId: paused.requestId })
    }
  }

  page.on<PausedRequest>('Fetch.requestPaused', paused => {
    // A request of a page that is left is gone.
    answer(paused).catch(() => {})
  })
  page.on<{ requestId: string, request: { url: string } }>('Network.requestWillBeSent', ({ requestId, request }) => { addresses.set(requestId, request.url) })
  page.on<{ type: string, response: { url: string, status: number, mimeType: string } }>('Network.responseReceived', ({ type, response }) => {
    if (type === 'Document') status ??= response.status
    if (isTracker(response.url) && script.state !== 'blocked') script = arrivalOfScript(response.status, response.mimeType)
  })
  // A browser tells neither the status nor the kind of what it refuses to give to a script.
  page.on<{ requestId: string, statusCode: number }>('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => { statuses.set(requestId, statusCode) })
  page.on<{ requestId: string, errorText: string, blockedReason?: string }>('Network.loadingFailed', ({ requestId, errorText, blockedReason }) => {
    const status = statuses.get(requestId) ?? 0
    failed(addresses.get(requestId) ?? '', status >= 400 ? `it was answered ${status}` : blockedReason === undefined ? errorText : `the browser refuses it (${blockedReason})`)
  })
  page.on<{ issue: Issue }>('Audits.issueAdded', ({ issue }) => {
    const { blockedURL = '', violatedDirective = '', isReportOnly = false } = issue.details.contentSecurityPolicyIssueDetails ?? {}
    if (!isReportOnly) blocked(blockedURL, violatedDirective)
  })
  page.on('Page.loadEventFired', () => { isLoaded = true })

  return {
    script: () => script,
    click: () => click,
    status: () => status,
    isLoaded: () => isLoaded,
    /** Is asked first for all but what the tracker calls; false lets the request go out. */
    intercept (handle: (paused: PausedRequest) => Promise<boolean>) { interceptor = handle }
  }
}

/** Answers a request in place of whom it was for. */
export async function fulfil (page: BrowserPage, { requestId, request }: PausedRequest, status: number, body: object, withCredentials = true): Promise<void> {
  const header = (name: string) => Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const origin = header('origin')
  const isPreflight = request.method === 'OPTIONS'
  await page.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: isPreflight ? 204 : status,
    responseHeaders: Object.entries({
      'content-type': 'application/json',
      ...(origin !== undefined && { 'access-control-allow-origin': origin, vary: 'origin' }),
      ...((withCredentials || isPreflight) && { 'access-control-allow-credentials': 'true' }),
      ...(isPreflight && {
        'access-control-allow-methods': header('access-control-request-method') ?? 'POST',
        'access-control-allow-headers': header('access-control-request-headers') ?? 'content-type'
      })
    }).map(([name, value]) => ({ name, value })),
    ...(!isPreflight && { body: Buffer.from(JSON.stringify(body)).toString('base64') })
  })
}

/** Waits until something is so, or time is up. */
export async function until (isSo: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end && !await isSo();) await sleep(LOOK_EVERY_MS)
}
