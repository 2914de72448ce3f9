// @ts-check
import { html } from 'lit-html'
import { renderRecords } from './affitor-records.js'
import { ask } from './control-surface.js'
import { renderModes } from './modes.js'
import { startPage } from './page.js'
import { counted } from './words.js'

/** @import { AffitorView } from './affitor-view.js' */
/** @import { Mode } from './modes.js' */

const SLOW_MS = 5000
const RETRY_AFTER_SECONDS = 10

/** @type {Mode[]} */
const MODES = [
  { label: 'Come back', state: 'Affitor works', meaning: 'Calls are answered at once.', tone: 'good', behaviour: {} },
  { label: 'Go away', state: 'Affitor is away', meaning: 'It cannot be reached: every connection is dropped, and nothing is recorded.', tone: 'bad', behaviour: { dropConnection: 'before' } },
  { label: 'Be slow', state: 'Affitor is slow', meaning: `Calls are answered after ${SLOW_MS / 1000} seconds.`, tone: 'warn', behaviour: { latencyMs: SLOW_MS } },
  { label: 'Fail with 500', state: 'Affitor fails', meaning: 'Calls are answered with status 500, and nothing is recorded.', tone: 'bad', behaviour: { failStatus: 500 } },
  { label: 'Fail after recording', state: 'Affitor fails after recording', meaning: 'Calls are recorded and answered with status 500: a sale is stored without its commission, and its id is used up.', tone: 'bad', behaviour: { failAfterRecording: 500 } },
  { label: 'Refuse the key', state: 'Affitor refuses the key', meaning: 'Calls with an API key are answered with status 401.', tone: 'bad', behaviour: { refuseKey: true } },
  { label: 'Rate limit', state: 'Affitor limits the rate', meaning: `Calls are answered with status 429 and told to come again after ${RETRY_AFTER_SECONDS} seconds.`, tone: 'warn', behaviour: { failStatus: 429, retryAfterSeconds: RETRY_AFTER_SECONDS } }
]

/** @returns {Promise<AffitorView>} */
async function load () {
  const [state, report] = await Promise.all([ask('GET', '/state'), ask('GET', '/behaviour')])
  return { ...state, ...report }
}

startPage(load, (view, page) => html`
  <section class="card stack" aria-labelledby="behaviour">
    <h2 id="behaviour">How Affitor behaves now</h2>
    ${renderModes(page, {
      modes: MODES,
      behaviour: view.behaviour,
      note: view.remaining === null ? '' : `For the next ${counted(view.remaining, 'call')}.`,
      choose: mode => ask('POST', '/behaviour', mode.behaviour)
    })}
  </section>
  ${renderRecords(view)}`)
