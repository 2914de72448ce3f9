// @ts-check
import { html, nothing } from 'lit-html'
import { counted } from './parts.js'
import { ago } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('./parts.js').Tone} Tone */

/** @type {Record<Schemas['InstallationCheck']['status'], [label: string, tone: Tone]>} */
const badges = { pass: ['Right', 'good'], fail: ['Wrong', 'bad'], skip: ['Not checked', 'plain'] }

/**
 * Whether everything is connected right: what is wrong stands open, all of it on request.
 * @param {Schemas['InstallationChecks']} result
 */
export function checksView ({ checks, checkedAt }) {
  const wrong = checks.filter(({ status }) => status === 'fail')
  const others = checks.filter(({ status }) => status !== 'fail')
  const skipped = others.filter(({ status }) => status === 'skip').length
  return html`
    <section class="card" aria-labelledby="checks-heading">
      <div class="head">
        <h2 id="checks-heading">Connections</h2>
        <span class="quiet small">checked ${ago(checkedAt)}</span>
      </div>
      ${wrong.length === 0
        ? html`<p class="quiet">Nothing is wrong${skipped === 0 ? '' : `; ${skipped} of ${counted(checks.length, 'check')} could not be made`}.</p>`
        : html`<ul class="checks">${wrong.map(item)}</ul>`}
      <details>
        <summary>${counted(others.length, wrong.length === 0 ? 'check' : 'other check')}</summary>
        <ul class="checks">${others.map(item)}</ul>
      </details>
    </section>`
}

/** @param {Schemas['InstallationCheck']} check */
function item ({ check, status, message, fix }) {
  const [label, tone] = badges[status]
  return html`
    <li>
      <span class="badge" data-tone=${tone}>${label}</span>
      <div><code class="small">${check}</code><br>${message}${fix === null ? nothing : html`<br><strong>${fix}</strong>`}</div>
    </li>`
}
