import { randomBytes } from 'node:crypto'
import { openBrowserPage } from './chromium.js'
import type { BrowserPage } from './chromium.js'
import { hasClickCookie, until, watchNetwork } from './page-network.js'
import type { NetworkWatch } from './page-network.js'
import { SCRIPT_TAGS } from './page-script.js'
import { answeredPage, isTracker, PageProblem, visitAddress } from './page-seen.js'
import type { PageSeen, SignupSeen, TrackerTag } from './page-seen.js'
import { watchSignup } from './page-signup.js'

/** How long a page may load before it is looked at as it is, in milliseconds. */
const LOAD_MS = 4_000
/** How long a tag, its script and its call may take after that, in milliseconds. */
const TRACKER_MS = 2_500
/** How long the cookie may take after the click's answer, in milliseconds. */
const COOKIE_MS = 1_000

export interface Visit {
  seen: PageSeen
  /** Signs up with made-up values; nothing goes out. */
  signUp (): Promise<SignupSeen>
  /** Ends the visit. */
  close (): Promise<void>
}

/**
 * Opens a page as somebody whom a partner sends. What the tracker tells Affitor is answered here and does not go out: no
 * click is recorded.
 * @param program path of Chromium
 * @param signal ends the visit
 * @throws {BrowserProblem} when Chromium does not start
 * @throws {PageProblem} when the page does not open
 */
export async function visitPage (program: string, url: string, signal: AbortSignal): Promise<Visit> {
  const page = await openBrowserPage(program, signal).catch((error: Error) => { throw new BrowserProblem(`Chromium (${program}) did not start: ${error.message}.`) })
  try {
    // Unlike any that Affitor gives, so that it can do no harm wherever it ends up.
    const clickId = `verify_${randomBytes(8).toString('hex')}`
    const watch = watchNetwork(page, clickId)
    await Promise.all(['Page', 'Network', 'Audits'].map(async domain => await page.send(`${domain}.enable`)))
    await page.send('Network.setBypassServiceWorker', { bypass: true })
    await page.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] })
    const frameId = await open(page, visitAddress(url), watch)
    await until(() => watch.isLoaded(), LOAD_MS)
    const lookAtTags = async () => (await evaluate<TrackerTag[]>(page, frameId, SCRIPT_TAGS)).filter(({ src }) => isTracker(src))
    await until(async () => watch.click().state !== 'absent' || ['blocked', 'failed'].includes(watch.script().state), TRACKER_MS)
    const { href } = new URL(await evaluate<string>(page, frameId, 'location.href'))
    const tags = await lookAtTags()
    if (watch.click().state === 'arrived') await until(async () => await hasClickCookie(page, href, clickId), COOKIE_MS)
    const seen: PageSeen = {
      withoutBrowser: undefined,
      address: href,
      tags,
      script: watch.script(),
      click: watch.click(),
      hasCookie: await hasClickCookie(page, href, clickId)
    }
    return {
      seen,
      signUp: async () => await watchSignup({
        page,
        clickId,
        origin: new URL(href).origin,
        run: async expression => await evaluate(page, frameId, expression),
        intercept: watch.intercept
      }),
      close: page.close
    }
  } catch (error) {
    await page.close()
    throw error
  }
}

/** Chromium does not start. */
export class BrowserProblem extends Error {}

async function open (page: BrowserPage, address: string, watch: NetworkWatch): Promise<string> {
  const { frameId, errorText } = await page.send<{ frameId: string, errorText?: string }>('Page.navigate', { url: address })
  if (errorText !== undefined) {
    throw new PageProblem(`The page did not open in a browser: ${errorText}.`, 'Look whether the address is right and reachable from here; --page gives another one.')
  }
  await until(() => watch.status() !== undefined, LOAD_MS)
  const status = watch.status() ?? 200
  if (status >= 400) throw answeredPage(status)
  return frameId
}

/** In a world of its own: neither the page's scripts nor its policy know of it. */
async function evaluate<T> (page: BrowserPage, frameId: string, expression: string): Promise<T> {
  const { executionContextId } = await page.send<{ executionContextId: number }>('Page.createIsolatedWorld', { frameId, worldName: 'verify' })
  const { result, exceptionDetails } = await page.send<{ result: { value: T }, exceptionDetails?: { text: string } }>('Runtime.evaluate', {
    expression, contextId: executionContextId, awaitPromise: true, returnByValue: true
  })
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text)
  return result.value
}
