// @ts-check
import { nothing, render } from 'lit-html'
import { byToken, isOperator, Refused, TokenRefused, Unavailable } from './api.js'
import { customerScreen } from './customer.js'
import { closeDialog } from './dialog.js'
import { noticesView, offerView, toolsView, zoneView } from './frame.js'
import { overviewScreen } from './overview.js'
import { currentPlace, searchHref } from './place.js'
import { searchScreen } from './search.js'
import { session } from './session.js'
import { signInView } from './sign-in.js'

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./page.js').Screen} Screen */

const content = /** @type {HTMLElement} */ (document.querySelector('#content'))
const tools = /** @type {HTMLElement} */ (document.querySelector('#tools'))
const announcements = /** @type {HTMLElement} */ (document.querySelector('#announcements'))

/** @type {Record<import('./place.js').Place['screen'], Screen> | null} null: the token is asked for */
let screens = null
/** @type {{ screen: Screen, subject: string | null | undefined } | null} with what it is about */
let shown = null
/** How far down the overview was left. */
let overviewScroll = 0
/** @type {string | null} why the last token was not taken */
let signInProblem = null
/** @type {string | null} why the service does not answer */
let outage = null
/** @type {string | null} what the service would not do */
let refusal = null
/** @type {import('./frame.js').Offer | null} what was done a moment ago */
let offer = null

/** @type {Page} */
const page = {
  draw () {
    content.toggleAttribute('data-away', outage !== null)
    render(shown === null ? nothing : toolsView(outage === null, { search, signOut: () => signOut(null) }), tools)
    render(shown === null
      ? signInView(signInProblem, signIn)
      : [noticesView(outage, refusal, { tryAgain: shown.screen.refresh, dismiss }), shown.screen.view(), zoneView(), offerView(offer, endOffer)], content)
  },
  say (text) { announcements.textContent = text },
  offer (text, undo) {
    offer = { text, undo }
    page.draw()
    // What had the focus may be gone with what was done.
    const button = content.querySelector('.offer button')
    if (button instanceof HTMLElement) button.focus()
  },
  async attempt (task) {
    try {
      await task()
      if (outage !== null) page.say('The service answers again.')
      outage = null
    } catch (error) {
      // What was on its way at the time of signing out.
      if (screens === null) return
      if (error instanceof TokenRefused) return signOut('The token is not accepted any more. Sign in again.')
      if (error instanceof Unavailable) outage = error.message
      else if (error instanceof Refused) refusal = error.message
      else throw error
    }
    page.draw()
  }
}

/** @param {string} token */
async function signIn (token) {
  try {
    if (await isOperator(token)) {
      session.begin(token)
      signInProblem = null
      enter()
      return
    }
    signInProblem = 'This is not the operator\'s token.'
  } catch (error) {
    signInProblem = `The token could not be checked. ${error instanceof Error ? error.message : ''}`
  }
  askForToken()
}

/** @param {string | null} why */
function signOut (why) {
  session.end()
  shown?.screen.hide()
  screens = shown = null
  outage = refusal = offer = null
  closeDialog()
  signInProblem = why
  askForToken()
}

function askForToken () {
  document.title = 'Operator'
  page.draw()
  content.querySelector('input')?.focus()
}

/** Begins with nothing that an earlier operator has seen. */
function enter () {
  screens = { overview: overviewScreen(page), search: searchScreen(page), customer: customerScreen(page) }
  overviewScroll = 0
  openPlace(screens)
}

/**
 * Shows what the address names.
 * @param {NonNullable<typeof screens>} screens
 */
function openPlace (screens) {
  const place = currentPlace()
  const screen = screens[place.screen]
  const before = shown
  shown = { screen, subject: place.screen === 'search' ? place.q : place.customerKey }
  if (before?.screen === screen) {
    screen.refresh()
  } else {
    if (before?.screen === screens.overview) overviewScroll = window.scrollY
    before?.screen.hide()
    screen.show()
  }
  const hasMoved = before?.screen !== screen || before.subject !== shown.subject
  if (hasMoved) refusal = offer = null
  document.title = `${screen.title} · Operator`
  page.draw()
  if (!hasMoved) return
  window.scrollTo(0, screen === screens.overview ? overviewScroll : 0)
  content.querySelector('h1')?.focus({ preventScroll: true })
}

/** @param {string} q */
function search (q) {
  if (location.hash === searchHref(q)) shown?.screen.refresh()
  else location.hash = searchHref(q)
}

function dismiss () {
  refusal = null
  page.draw()
}

function endOffer () {
  offer = null
  page.draw()
  content.querySelector('h1')?.focus({ preventScroll: true })
}

/** The slash leads to the search, unless it is being typed into something. */
function reachSearch (/** @type {KeyboardEvent} */ event) {
  const { key, target, ctrlKey, metaKey, altKey, isComposing } = event
  const isTyped = target instanceof HTMLElement && target.closest('input, select, textarea, dialog, [contenteditable]') !== null
  const field = tools.querySelector('input')
  if (key !== '/' || ctrlKey || metaKey || altKey || isComposing || isTyped || field === null) return
  event.preventDefault()
  field.focus()
  field.select()
}

document.querySelector('.skip-link')?.addEventListener('click', event => {
  // What stands behind the `#` of the address says what is looked at.
  event.preventDefault()
  content.focus()
})
addEventListener('keydown', reachSearch)
addEventListener('hashchange', () => { if (screens !== null) openPlace(screens) })
if (session.token() !== undefined || await isKnownToApp()) enter()
else askForToken()

/** The app's own login may let this browser pass without a token. */
async function isKnownToApp () {
  return !byToken && await isOperator().catch(() => false)
}
