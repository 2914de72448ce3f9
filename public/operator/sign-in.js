// @ts-check
import { html, nothing } from 'lit-html'
import { whileBusy } from '../busy.js'
import { byToken } from './api.js'

/**
 * Asks for the operator's token.
 * @param {string | null} problem why the last one was not taken
 * @param {(token: string) => Promise<void>} signIn
 */
export const signInView = (problem, signIn) => html`
  <form class="card sign-in" @submit=${(/** @type {SubmitEvent} */ event) => submit(event, signIn)}>
    <h1 tabindex="-1">Operator</h1>
    <p class="quiet">What partners brought, what is stuck, and why.</p>
    <div class="field">
      <label for="token">Operator token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required
        aria-invalid=${problem === null ? 'false' : 'true'} aria-describedby="token-hint token-problem">
      <span class="hint" id="token-hint">${byToken ? html`The value of <code>ADMIN_TOKEN</code>, or of the app’s <code>operator.token</code>.` : 'Log in to the app as an operator, and load this page again; or give a token that it takes.'} It is kept in this tab only.</span>
    </div>
    <div id="token-problem" role="alert">${problem === null ? nothing : html`<p class="notice" data-tone="bad">${problem}</p>`}</div>
    <button class="primary wide" type="submit">Sign in</button>
  </form>`

/**
 * @param {SubmitEvent} event
 * @param {(token: string) => Promise<void>} signIn
 */
function submit (event, signIn) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  const button = /** @type {HTMLElement} */ (form.querySelector('button'))
  return whileBusy(button, () => signIn(String(new FormData(form).get('token')).trim()))
}
