import { trackerTag } from '../affitor/tracker-tag.js'
import { cannotCheck, fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'
import { once } from './once.js'
import { BrowserProblem, visitPage } from './page-by-browser.js'
import type { Visit } from './page-by-browser.js'
import { readPage } from './page-by-html.js'
import { PageProblem, VISIT_CODE } from './page-seen.js'
import type { PageSeen } from './page-seen.js'

export interface PageCheckOptions {
  /** A page that visitors land on. */
  url?: string | undefined
  programId?: string | undefined
  /** Address of Affitor, which serves the tracker. */
  affitorUrl: string
  /** Path of Chromium, as `findChromium` finds it; without it the page's HTML alone is read. */
  chromium?: string | undefined
}

/** By the HTML alone there is nothing to do beyond looking. */
type Look = { seen: PageSeen } | Visit

/** Whether a page has Affitor's tracker, lets it work, and hands the click on with a signup. */
export function pageChecks ({ url, programId, affitorUrl, chromium }: PageCheckOptions): Check[] {
  const names = ['page-tracker', 'page-policy', 'page-cookie', 'page-signup']
  if (url === undefined) return cannotCheck(names, 'No page is known: give --page.')
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return cannotCheck(names, `"${url}" is no http or https address.`)
  const look = once(async (signal: AbortSignal) => await lookAt(url, chromium, signal).catch((error: unknown) => {
    if (error instanceof PageProblem) return error
    throw error
  }))
  const signUp = once(async (signal: AbortSignal) => await signUpAt(await look(signal)))
  const whenOpen = (find: (seen: PageSeen) => Finding) => async (signal: AbortSignal) => {
    const looked = await look(signal)
    return looked instanceof PageProblem ? skip('Not looked at: the page did not open.') : find(looked.seen)
  }
  return [
    {
      name: 'page-tracker',
      async run (signal) {
        const looked = await look(signal)
        return looked instanceof PageProblem ? fail(looked.message, looked.fix) : checkTracker(looked.seen, programId, affitorUrl)
      }
    },
    { name: 'page-policy', run: whenOpen(seen => checkPolicy(seen, affitorUrl)) },
    { name: 'page-cookie', run: whenOpen(checkCookie) },
    { name: 'page-signup', run: signUp }
  ]
}

async function lookAt (url: string, chromium: string | undefined, signal: AbortSignal): Promise<Look> {
  if (chromium === undefined) return { seen: await readPage(url, 'Needs Chromium: install it, or set CHROMIUM_PATH to its program.', signal) }
  try {
    return await visitPage(chromium, url, signal)
  } catch (error) {
    if (!(error instanceof BrowserProblem)) throw error
    return { seen: await readPage(url, error.message, signal) }
  }
}

function checkTracker ({ tags, click, withoutBrowser }: PageSeen, programId: string | undefined, affitorUrl: string): Finding {
  const [tag, ...others] = tags
  if (tag === undefined && click.state !== 'absent') return pass('The page tells Affitor of the click without a tag: the tracker is bundled with its scripts, and of which program it is was not seen.')
  if (tag === undefined) {
    return fail(withoutBrowser === undefined ? 'The page has no tag of Affitor\'s tracker.' : 'The page\'s HTML has no tag of Affitor\'s tracker.',
      `Put ${trackerTag(affitorUrl, programId ?? '…')} into the <head> of every page. ` + (withoutBrowser === undefined
        ? 'If it waits for consent to cookies, look by hand.'
        : 'If a script puts it in, install Chromium or set CHROMIUM_PATH, and run this again.'))
  }
  if (others.length > 0) return fail(`The page has ${tags.length} tags of Affitor's tracker.`, 'Leave one of them, in what all pages share: each of them may record the click.')
  const attribute = 'data-affitor-program-id'
  if (tag.programId === null || tag.programId === '') return fail(`The tracker's tag has no ${attribute}.`, `Write ${attribute}="${programId ?? 'your program id'}" into the tag.`)
  if (programId !== undefined && tag.programId !== programId) {
    return fail(`The tracker's tag is of program ${tag.programId}, and AFFITOR_PROGRAM_ID is ${programId}.`,
      `Write ${attribute}="${programId}" into the tag, or set AFFITOR_PROGRAM_ID to ${tag.programId} with that program's key.`)
  }
  if (!tag.isDeferred) return fail('The tracker\'s tag lacks defer: the page is not shown before the tracker has come.', 'Write defer into the tag.')
  const { origin } = new URL(tag.src)
  return pass(`The page has the tracker's tag once, of program ${tag.programId}` +
    (programId === undefined ? ', which AFFITOR_PROGRAM_ID is not set to compare with' : '') +
    (origin === new URL(affitorUrl).origin ? '.' : `. It comes from ${origin} and not from ${new URL(affitorUrl).origin}: right if that host hands everything on to Affitor.`))
}

function checkPolicy ({ tags, script, click, withoutBrowser }: PageSeen, affitorUrl: string): Finding {
  const src = tags[0]?.src
  if (src === undefined && click.state === 'absent') return skip('Not looked at: the page has no tracker.')
  const origin = new URL(src ?? affitorUrl).origin
  const api = tags[0]?.apiBase != null && URL.canParse(tags[0].apiBase) ? new URL(tags[0].apiBase).origin : origin
  const allow = (directive: string, host: string) => `Add ${host} to ${directive} of the page's Content-Security-Policy.`
  if (script.state === 'blocked') {
    return fail(`The page's Content-Security-Policy keeps the tracker from loading: ${script.directive} does not allow ${origin}.`,
      `${allow('script-src', origin)} connect-src needs ${api} too.`)
  }
  if (script.state === 'failed') return fail(`The tracker did not load: ${script.why}.`, `Look what is at ${src}; the tag's address is ${new URL(affitorUrl).origin}/js/affitor-tracker.js.`)
  if (click.state === 'blocked') {
    return fail(`The page's Content-Security-Policy keeps the tracker from calling Affitor: ${click.directive} does not allow ${api}.`, allow('connect-src', api))
  }
  if (script.state === 'absent' && src !== undefined) return fail('The browser did not load the tracker although its tag is there.', 'Look at the tag\'s type, and whether a consent banner holds it back.')
  if (withoutBrowser === undefined && click.state === 'absent') return pass(`The page lets the tracker load from ${origin}.`)
  return pass(`The page lets the tracker load from ${origin}, and call ${api}.`)
}

function checkCookie ({ withoutBrowser, address, tags, script, click, hasCookie }: PageSeen): Finding {
  if (withoutBrowser !== undefined) return skip(withoutBrowser)
  if (tags.length === 0 && click.state === 'absent') return skip('Not looked at: the page has no tracker.')
  if (tags.length > 0 && script.state !== 'arrived') return skip('Not looked at: the tracker did not load.')
  if (click.state === 'blocked' || click.state === 'failed') return skip('Not looked at: the tracker\'s call did not go through.')
  if (click.state === 'absent') {
    return new URL(address).searchParams.get('aff') === VISIT_CODE
      ? fail(`Opened with ?aff=${VISIT_CODE}, the tracker loads and does not ask Affitor for a click.`, 'Look into the browser\'s console, and whether a consent banner holds the tracker back.')
      : fail(`Opened with ?aff=${VISIT_CODE}, the page leads to ${withoutQuery(address)} and loses the partner's code before the tracker reads it.`,
        'Let redirects keep the query, and let scripts leave it in the address until the tracker has run.')
  }
  return hasCookie
    ? pass(`Opened with ?aff=${VISIT_CODE}, the tracker keeps the click id in the cookie affitor_click_id. Affitor was not told of it.`)
    : fail('Affitor\'s answer to the click is not kept: there is no cookie affitor_click_id.', 'Look whether scripts of the page delete cookies, or a consent banner does.')
}

const withoutQuery = (address: string) => address.replace(/[?#].*$/s, '')

async function signUpAt (looked: Look | PageProblem): Promise<Finding> {
  if (looked instanceof PageProblem) return skip('Not looked at: the page did not open.')
  if (!('signUp' in looked)) return skip(looked.seen.withoutBrowser ?? 'Needs Chromium.')
  try {
    return await checkSignup(looked)
  } finally {
    await looked.close()
  }
}

async function checkSignup ({ seen, signUp }: Visit): Promise<Finding> {
  if (!seen.hasCookie) return skip('Not looked at: there is no click id to hand on.')
  const signup = await signUp()
  if (signup.state === 'no_form') return skip('No signup form was seen on this page: give --page the address of the signup form.')
  if (signup.state === 'nothing_sent') return skip('The signup form sent nothing when it was filled with made-up values: it may want more than a visitor can guess.')
  const { address, carried, isSameOrigin } = signup
  if (carried === 'in_request') return pass(`The signup form sends the click id to ${address}. Nothing was created.`)
  if (carried === 'in_cookie') return pass(`The signup form sends the click id to ${address}, in the cookie affitor_click_id. Nothing was created.`)
  return fail(`The click id is not forwarded: the signup form sends neither the cookie affitor_click_id nor the click id to ${address}${isSameOrigin ? '' : ', which is another origin than the page\'s'}.`,
    'Read window.affitor.getClickId() in the page, and send it as clickId in the body of the request that signs the user up.')
}
