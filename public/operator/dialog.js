// @ts-check
import { html, nothing, render } from 'lit-html'
import { whileBusy } from '../busy.js'
import { TokenRefused } from './api.js'
import { operatorName } from './operator-name.js'

/**
 * What is asked before something is done.
 * @typedef {object} Question
 * @property {string} heading
 * @property {unknown} text a template
 * @property {string} confirm the button's text
 * @property {boolean} [isNoted] whether a note must be written
 * @property {{ label: string, accepted: string[] }} [typed] what must be typed, so that it is not done by mistake
 * @property {boolean} [isDangerous]
 * @property {(note: string) => Promise<void>} run when it fails, the dialog stays with what was written
 * @property {() => void} [after] when the dialog has closed
 */

const dialog = /** @type {HTMLDialogElement} */ (document.querySelector('#dialog'))

/**
 * Asks in a dialog, and does what is confirmed.
 * @param {import('./page.js').Page} page
 * @param {Question} question
 */
export function ask (page, question) {
  /** @type {string | null} */
  let problem = null
  const draw = () => render(dialogView(question, problem, submit), dialog)

  /** @param {SubmitEvent} event */
  function submit (event) {
    event.preventDefault()
    const form = /** @type {HTMLFormElement} */ (event.currentTarget)
    const fields = new FormData(form)
    const note = String(fields.get('note') ?? '').trim()
    if (question.typed !== undefined && !question.typed.accepted.includes(String(fields.get('typed')).trim())) {
      problem = 'This is not what is asked for.'
      draw()
      return
    }
    if (question.isNoted === true && note === '') {
      problem = 'Write what was done about it.'
      draw()
      return
    }
    operatorName.remember(String(fields.get('by') ?? '').trim())
    const button = /** @type {HTMLElement} */ (form.querySelector('[type=submit]'))
    return whileBusy(button, () => run(note))
  }

  /** @param {string} note */
  async function run (note) {
    try {
      await question.run(note)
    } catch (error) {
      if (!(error instanceof TokenRefused)) {
        problem = error instanceof Error ? error.message : String(error)
        draw()
        return
      }
      dialog.close()
      await page.attempt(async () => { throw error })
      return
    }
    dialog.close()
    question.after?.()
  }

  // Begins with empty fields.
  render(nothing, dialog)
  draw()
  dialog.showModal()
}

export function closeDialog () {
  dialog.close()
}

/**
 * @param {Question} question
 * @param {string | null} problem
 * @param {(event: SubmitEvent) => void} submit
 */
const dialogView = ({ heading, text, confirm, isNoted, typed, isDangerous }, problem, submit) => html`
  <form class="stack" @submit=${submit}>
    <h2 id="dialog-heading">${heading}</h2>
    <div>${text}</div>
    ${isNoted === true
      ? html`
        <div>
          <label for="dialog-note">What was done about it</label>
          <textarea id="dialog-note" name="note" rows="3" maxlength="2000" required autofocus></textarea>
        </div>`
      : nothing}
    ${typed === undefined
      ? nothing
      : html`
        <div>
          <label for="dialog-typed">${typed.label}</label>
          <input id="dialog-typed" name="typed" autocomplete="off" spellcheck="false" required autofocus>
        </div>`}
    <div>
      <label for="dialog-by">Your name <span class="quiet">(may be empty; this browser remembers it)</span></label>
      <input id="dialog-by" name="by" maxlength="200" autocomplete="name" .value=${operatorName.read()}>
    </div>
    <div role="alert">${problem === null ? nothing : html`<p class="notice" data-tone="bad">${problem}</p>`}</div>
    <div class="row">
      <button class=${isDangerous === true ? 'danger' : 'primary'} type="submit">${confirm}</button>
      <button type="button" @click=${closeDialog}>Cancel</button>
    </div>
  </form>`
