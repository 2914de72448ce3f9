import { html } from 'ghtml'
import { Email, Password } from '../../../schemas/common.js'

interface Form {
  id: 'signup' | 'login'
  title: string
  /** `autocomplete` of the password, by which password managers know what to offer. */
  passwordKind: 'new-password' | 'current-password'
  passwordAttributes: string
  passwordHint: string
  /** The other form, for those who came to the wrong one. */
  other: { id: 'signup' | 'login', question: string, title: string }
}

const PASSWORD_RULE = `${Password.minLength} to ${Password.maxLength} characters.`

const signup: Form = {
  id: 'signup',
  title: 'Sign up',
  passwordKind: 'new-password',
  passwordAttributes: html`minlength="${Password.minLength}" maxlength="${Password.maxLength}"`,
  passwordHint: PASSWORD_RULE,
  other: { id: 'login', question: 'You have an account?', title: 'Log in' }
}

const login: Form = {
  id: 'login',
  title: 'Log in',
  passwordKind: 'current-password',
  passwordAttributes: html`maxlength="${Password.maxLength}"`,
  passwordHint: '',
  other: { id: 'signup', question: 'You are new here?', title: 'Sign up' }
}

/** Sign up and log in, one shown at a time; neither to those who are signed in. */
export function renderAccount (signedIn: boolean): string {
  return html`<section id="account" class="card" aria-label="Account" !${signedIn ? 'hidden' : ''}>
  <p id="reason" class="notice" hidden></p>
  !${renderForm(signup)}
  !${renderForm(login)}
</section>`
}

/** Sent by script, and not before it has come. `post` would even then keep the password out of the address. */
function renderForm ({ id, title, passwordKind, passwordAttributes, passwordHint, other }: Form): string {
  return html`<form id="${id}" method="post" aria-labelledby="${id}-title" !${id === 'signup' ? '' : 'hidden'}>
    <h2 id="${id}-title">${title}</h2>
    <div class="field">
      <label for="${id}-email">E-mail</label>
      <input id="${id}-email" name="email" type="email" autocomplete="username" maxlength="${Email.maxLength}" required aria-describedby="reason ${id}-problem">
    </div>
    <div class="field">
      <label for="${id}-password">Password</label>
      <input id="${id}-password" name="password" type="password" autocomplete="${passwordKind}" !${passwordAttributes} required aria-describedby="!${passwordHint === '' ? '' : `${id}-hint `}${id}-problem">
      !${passwordHint === '' ? '' : html`<span id="${id}-hint" class="hint">${passwordHint}</span>`}
    </div>
    <p id="${id}-problem" class="notice" data-tone="bad" tabindex="-1" hidden></p>
    <button class="primary wide" disabled>${title}</button>
    <p class="small quiet">${other.question} <a href="#${other.id}" data-show="${other.id}">${other.title}</a></p>
  </form>`
}
