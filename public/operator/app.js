// @ts-check
import { nothing, render } from 'lit-html'
import { isOperatorToken, Refused, TokenRefused, Unavailable } from './api.js'
import { customerScreen } from './customer.js'
import { noticesView, toolsView } from './frame.js'
import { overviewScreen } from './overview.js'
import { currentPlace } from './place.js'
import { session } from './session.js'
import { signInView } from './sign-in.js'

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./page.js').Screen} Screen */

const content = /** @type {HTMLElement} */ (document.querySelector('#content'))
const tools = /** @type {HTMLElement} */ (document.querySelector('#tools'))
const announcements = /** @type {HTMLElement} */ (document.querySelector('#announcements'))

/** @type {{ overview: Screen, customer: Screen } | null} null: the token is asked for */
let screens = null
/** @type {{ screen: Screen, customerKey: string | null } | null} */
let shown = null
/** How far down the overview was left. */
let overviewScroll = 0
/** @type {string | null} why the last token was not taken */
let signInProblem = null
/** @type {string | null} why the service does not answer */
let outage = null
/** @type {string | null} what the service would not do */
let refusal = null

/** @type {Page} */
const page = {
  draw () {
    render(shown === null ? nothing : toolsView(outage === null, () => signOut(null)), tools)
    render(shown === null ? signInView(signInProblem, signIn) : [noticesView(outage, refusal, dismiss), shown.screen.view()], content)
  },
  say (text) { announcements.textContent = text },
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
    if (await isOperatorToken(token)) {
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
  outage = refusal = null
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
  screens = { overview: overviewScreen(page), customer: customerScreen(page) }
  overviewScroll = 0
  openPlace(screens)
}

/**
 * Shows what the address names.
 * @param {{ overview: Screen, customer: Screen }} screens
 */
function openPlace ({ overview, customer }) {
  const { customerKey } = currentPlace()
  const screen = customerKey === null ? overview : customer
  const before = shown
  shown = { screen, customerKey }
  if (before?.screen === screen) {
    screen.refresh()
  } else {
    if (before?.screen === overview) overviewScroll = window.scrollY
    before?.screen.hide()
    screen.show()
  }
  const hasMoved = before?.screen !== screen || before.customerKey !== customerKey
  if (hasMoved) refusal = null
  document.title = `${screen.title} · Operator`
  page.draw()
  if (!hasMoved) return
  window.scrollTo(0, screen === overview ? overviewScroll : 0)
  content.querySelector('h1')?.focus({ preventScroll: true })
}

function dismiss () {
  refusal = null
  page.draw()
}

document.querySelector('.skip-link')?.addEventListener('click', event => {
  // What stands behind the `#` of the address says what is looked at.
  event.preventDefault()
  content.focus()
})
addEventListener('hashchange', () => { if (screens !== null) openPlace(screens) })
if (session.token() === undefined) askForToken()
else enter()
