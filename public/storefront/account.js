// @ts-check
import { whileBusy } from '../busy.js'
import { logIn, logOut, Problem, signUp } from './api.js'
import { element, home, leaveFor, say } from './page.js'

const forms = { signup: element('signup', HTMLFormElement), login: element('login', HTMLFormElement) }
const account = element('account', HTMLElement)
const session = element('session', HTMLElement)
const reason = element('reason', HTMLElement)

export function isSignedIn () {
  return !session.hidden
}

/**
 * Brings up a form and says why.
 * @param {'signup' | 'login'} name
 * @param {string} why
 */
export function askForAccount (name, why) {
  showSession(undefined)
  say(reason, why)
  showForm(name)
}

/**
 * Makes the forms, and the buttons that lead to them, work.
 * @param {() => Promise<void>} goOn what to do once the visitor is signed in
 */
export function setUpAccount (goOn) {
  handle(forms.signup, signUp, goOn)
  handle(forms.login, logIn, goOn)
  for (const link of document.querySelectorAll('a[data-show]')) {
    link.addEventListener('click', event => {
      event.preventDefault()
      showForm(link.getAttribute('data-show') === 'login' ? 'login' : 'signup')
    })
  }
  const signOut = element('sign-out', HTMLButtonElement)
  signOut.addEventListener('click', () => whileBusy(signOut, async () => {
    try {
      await logOut()
      await leaveFor(home)
    } catch (problem) {
      say(element('session-problem', HTMLElement), problem instanceof Error ? problem.message : String(problem))
    }
  }))
}

/**
 * @param {HTMLFormElement} form
 * @param {(credentials: { email: string, password: string }) => Promise<void>} send
 * @param {() => Promise<void>} goOn
 */
function handle (form, send, goOn) {
  const { email, password } = fieldsOf(form)
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'))
  form.addEventListener('submit', event => {
    event.preventDefault()
    whileBusy(button, async () => {
      showProblem(form, undefined)
      try {
        await send({ email: email.value, password: password.value })
      } catch (problem) {
        showProblem(form, problem)
        return
      }
      password.value = ''
      showSession(email.value)
      await goOn()
    })
  })
}

/**
 * The visitor is, or is no longer, signed in.
 * @param {string | undefined} email
 */
function showSession (email) {
  const signedIn = email !== undefined
  session.hidden = !signedIn
  account.hidden = signedIn
  element('entrance', HTMLElement).hidden = signedIn
  element('session-email', HTMLElement).textContent = email ?? ''
}

/** @param {'signup' | 'login'} name */
function showForm (name) {
  const other = name === 'signup' ? forms.login : forms.signup
  const typed = fieldsOf(other).email.value
  const { email, password } = fieldsOf(forms[name])
  if (email.value === '') email.value = typed
  other.hidden = true
  forms[name].hidden = false
  const next = email.value === '' ? email : password
  next.focus()
}

/**
 * Says what is wrong, and puts the visitor where it can be mended.
 * @param {HTMLFormElement} form
 * @param {unknown} problem undefined: nothing is
 */
function showProblem (form, problem) {
  const notice = element(`${form.id}-problem`, HTMLElement)
  const fields = fieldsOf(form)
  for (const field of Object.values(fields)) field.removeAttribute('aria-invalid')
  say(notice, problem instanceof Error ? problem.message : '')
  if (problem === undefined) return
  const name = problem instanceof Problem ? problem.field : undefined
  const wrong = name === 'email' || name === 'password' ? fields[name] : undefined
  wrong?.setAttribute('aria-invalid', 'true')
  const target = wrong ?? notice
  target.focus()
}

/** @param {HTMLFormElement} form */
function fieldsOf (form) {
  return { email: element(`${form.id}-email`, HTMLInputElement), password: element(`${form.id}-password`, HTMLInputElement) }
}
