// @ts-check
import { html, nothing, render } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { renderOutcome } from './outcome.js'

const REFRESH_MS = 3000

/** @import { TemplateResult } from 'lit-html' */
/** @import { Outcome } from './outcome.js' */

/**
 * What the parts of a page can do.
 * @typedef {object} Page
 * @property {(key: string, perform: () => Promise<Outcome>) => Promise<void>} act Runs an action, once at a time for each key, and says what came of it
 * @property {(key: string) => boolean} isBusy
 * @property {() => void} draw
 */

/**
 * Shows what a stand-in holds, and keeps it fresh while somebody looks. Elements stay the same ones, so neither focus nor
 * what is being typed is lost.
 * @template Data
 * @param {() => Promise<Data>} load
 * @param {(data: Data, page: Page) => TemplateResult} view
 */
export function startPage (load, view) {
  const root = /** @type {HTMLElement} */ (document.getElementById('app'))
  /** @type {Data | null} */
  let data = null
  /** @type {Outcome | null} */
  let outcome = null
  let problem = ''
  let turn = 0
  /** @type {Set<string>} */
  const busy = new Set()

  /** @type {Page} */
  const page = {
    async act (key, perform) {
      if (busy.has(key)) return
      busy.add(key)
      say(null)
      try {
        const came = await perform()
        busy.delete(key)
        await refresh()
        say(came)
      } catch (error) {
        busy.delete(key)
        await refresh()
        say({ tone: 'bad', text: String(error instanceof Error ? error.message : error) })
      }
    },
    isBusy: key => busy.has(key),
    draw
  }

  /** @param {Outcome | null} next */
  function say (next) {
    outcome = next
    draw()
    // The button that was pressed may be gone, and the focus with it.
    if (next !== null && document.activeElement === document.body) /** @type {HTMLElement} */ (root.querySelector('[role=status]')).focus({ preventScroll: true })
  }

  async function refresh () {
    const mine = ++turn
    try {
      const loaded = await load()
      // A later refresh knows more.
      if (mine !== turn) return
      data = loaded
      problem = ''
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    draw()
  }

  function draw () {
    render(html`
      ${when(problem, () => html`<p class="notice" data-tone="bad" role="alert">${problem}</p>`)}
      ${when(data, loaded => view(loaded, page))}
      ${renderOutcome(outcome, () => say(null))}`, root)
  }

  const refreshIfSeen = () => { if (document.visibilityState === 'visible') void refresh() }
  document.addEventListener('visibilitychange', refreshIfSeen)
  setInterval(refreshIfSeen, REFRESH_MS)
  root.textContent = ''
  void refresh()
}

/**
 * A button that does something once at a time.
 * @param {Page} page
 * @param {string} label
 * @param {() => Promise<Outcome>} perform
 * @param {{ key?: string, about?: string, pressed?: boolean }} [options] `about`: the id of the element that tells what it is about
 */
export function button (page, label, perform, { key = label, about, pressed } = {}) {
  return html`<button class="compact" type="button" aria-busy=${page.isBusy(key)} aria-describedby=${about ?? nothing}
    aria-pressed=${pressed ?? nothing} @click=${() => page.act(key, perform)}>${label}</button>`
}
