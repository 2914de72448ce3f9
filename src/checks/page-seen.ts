/** Where Affitor's tracker is, whichever host serves it. */
const TRACKER = /\/affitor-tracker(\.min)?\.js$/
/** What the tracker calls. */
const TRACKING_CALL = /\/api\/v1\/track\/(click|lead)$/

/** The partner's code that the page is opened with; Affitor never hears of it. */
export const VISIT_CODE = 'VERIFY'
export const CLICK_COOKIE = 'affitor_click_id'

/** A tag that loads Affitor's tracker. */
export interface TrackerTag {
  /** The whole address. */
  src: string
  programId: string | null
  /** `data-affitor-api-base`: where the tracker calls, if not where it came from. */
  apiBase: string | null
  /** Whether the page is shown without waiting for it. */
  isDeferred: boolean
}

/** What became of something that the page loads or calls. */
export type Arrival =
  | { state: 'arrived' }
  /** Nothing asked for it. */
  | { state: 'absent' }
  /** By the page's Content-Security-Policy. */
  | { state: 'blocked', directive: string }
  | { state: 'failed', why: string }

/** An opened page, as a browser or its HTML alone shows it. */
export interface PageSeen {
  /** What a browser would have been needed for, and why there is none; undefined with a browser. */
  withoutBrowser: string | undefined
  /** The address at last, after redirects and scripts. */
  address: string
  tags: TrackerTag[]
  script: Arrival
  /** The tracker's call that records a click. */
  click: Arrival
  /** Whether the click id is kept in its cookie. */
  hasCookie: boolean
}

/** What became of a signup with made-up values, none of which went out. */
export type SignupSeen =
  | { state: 'no_form' }
  | { state: 'nothing_sent' }
  | { state: 'sent', address: string, isSameOrigin: boolean, carried: 'in_request' | 'in_cookie' | 'not' }

/** The page did not open. */
export class PageProblem extends Error {
  readonly fix: string
  constructor (message: string, fix: string) {
    super(message)
    this.fix = fix
  }
}

export const isTracker = (address: string): boolean => URL.canParse(address) && TRACKER.test(new URL(address).pathname)

/** Which tracking endpoint an address is; undefined when it is none. */
export function trackingCall (address: string): 'click' | 'lead' | undefined {
  return URL.canParse(address) ? TRACKING_CALL.exec(new URL(address).pathname)?.[1] as 'click' | 'lead' | undefined : undefined
}

/** The page's address as somebody whom a partner sends opens it. */
export function visitAddress (url: string): string {
  const address = new URL(url)
  address.searchParams.set('aff', VISIT_CODE)
  return address.href
}

export function answeredPage (status: number): PageProblem {
  return new PageProblem(`The page answered ${status}.`, 'Give --page the address of a page that visitors land on.')
}
