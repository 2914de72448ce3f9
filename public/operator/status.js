// @ts-check
import { html, nothing } from 'lit-html'
import { countIn } from './summary.js'
import { counted } from './parts.js'
import { ago, duration, until } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('./parts.js').Tone} Tone */

/** An event that waits for longer is worth a look. */
const LONG_SECONDS = 60

/**
 * Whether all is well, at a glance.
 * @param {Schemas['TrackingSummary']} summary
 * @param {Schemas['ProgramStatus'] | null} program null: Affitor cannot be asked
 */
export function statusView (summary, program) {
  const { delivery, oldestPendingSeconds: oldest } = summary
  const pending = countIn(summary, 'pending')
  const attention = countIn(summary, 'needs_attention')
  const failed = countIn(summary, 'failed')
  return html`
    ${pauseNotice(delivery)}
    ${program?.blocker ? html`<p class="notice" data-tone="warn">Affitor waits for <strong>${words(program.blocker)}</strong> before the program is complete.</p>` : nothing}
    <dl class="tiles">
      ${tile('Delivery', delivery.state === 'running' ? 'Running' : 'Paused', delivery.state === 'running' ? 'Failed calls are made again' : 'Nothing is lost meanwhile', delivery.state === 'running' ? 'good' : 'bad')}
      ${tile('Pending', pending.toLocaleString('en'), oldest === null ? 'Everything was sent' : `The oldest waits for ${duration(oldest)}`, (oldest ?? 0) > LONG_SECONDS ? 'warn' : pending > 0 ? 'info' : 'good')}
      ${tile('Needs attention', (attention + failed).toLocaleString('en'), attentionText(attention, failed), attention + failed > 0 ? 'warn' : 'good')}
      ${program === null
        ? tile('Program', 'Not known', 'Affitor cannot be asked now', 'plain')
        : tile('Program', words(program.state), html`Affitor, ${ago(program.checkedAt)}`, program.blocker === null ? 'good' : 'warn')}
    </dl>`
}

/** @param {Schemas['DeliveryStatus']} delivery */
function pauseNotice ({ state, reason, pausedUntil }) {
  if (state === 'running') return nothing
  return html`
    <p class="notice" data-tone="bad">
      <strong>Delivery is paused.</strong> ${reason}.
      ${pausedUntil === null ? nothing : html`The next try is ${until(pausedUntil)}.`}
      Correct <code>AFFITOR_API_KEY</code>: events are kept, and sent as soon as Affitor takes the key.
    </p>`
}

/**
 * @param {string} label
 * @param {string} value
 * @param {unknown} detail
 * @param {Tone} tone
 */
const tile = (label, value, detail, tone) => html`
  <div class="tile" data-tone=${tone}>
    <dt>${label}</dt>
    <dd class="value number">${value}</dd>
    <dd class="quiet small">${detail}</dd>
  </div>`

/**
 * @param {number} events
 * @param {number} stripeEvents
 */
function attentionText (events, stripeEvents) {
  if (events + stripeEvents === 0) return 'Nothing to do'
  return [events > 0 && counted(events, 'event'), stripeEvents > 0 && counted(stripeEvents, 'Stripe event')].filter(Boolean).join(', ')
}

/**
 * "live_verified" as "Live verified"
 * @param {string} name
 */
const words = name => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
