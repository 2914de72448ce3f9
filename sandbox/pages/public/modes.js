// @ts-check
import { html } from 'lit-html'
import { button } from './page.js'

/** @import { Page } from './page.js' */

/**
 * A way in which a stand-in can behave.
 * @typedef {object} Mode
 * @property {string} label of its button
 * @property {string} state what it is like, as a headline
 * @property {string} meaning what that does to our service
 * @property {'good' | 'warn' | 'bad'} tone
 * @property {Record<string, unknown>} behaviour what the control route is told
 */

/**
 * The behaviour in force, big and clear, and a button for each.
 * @param {Page} page
 * @param {object} options
 * @param {Mode[]} options.modes
 * @param {Record<string, unknown>} options.behaviour in force
 * @param {string} [options.note] after what it means
 * @param {(mode: Mode) => Promise<unknown>} options.choose
 */
export function renderModes (page, { modes, behaviour, note = '', choose }) {
  const current = modes.find(mode => isSame(mode.behaviour, behaviour)) ?? custom(behaviour)
  return html`
    <div class="mode" data-tone=${current.tone}>
      <p class="mode-state">${current.state}</p>
      <p>${current.meaning} ${note}</p>
    </div>
    <div class="row" role="group" aria-label="How it behaves">
      ${modes.map(mode => button(page, mode.label, async () => {
        await choose(mode)
        return { tone: mode.tone, text: `${mode.state}. ${mode.meaning}` }
      }, { pressed: mode === current }))}
    </div>`
}

/**
 * A behaviour that was set by a request of its own.
 * @param {object} behaviour
 * @returns {Mode}
 */
function custom (behaviour) {
  return { label: '', state: 'Behaves as it was told', meaning: JSON.stringify(behaviour), tone: 'warn', behaviour: {} }
}

/**
 * @param {Record<string, unknown>} one
 * @param {Record<string, unknown>} other
 */
function isSame (one, other) {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}
