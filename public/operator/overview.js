// @ts-check
import { html, nothing } from 'lit-html'
import * as api from './api.js'
import { attentionView } from './attention.js'
import { DeliveryChart } from './chart.js'
import { deliveriesView } from './deliveries.js'
import { EventList } from './event-list.js'
import { eventsView } from './events.js'
import { rememberCurrencies } from './facts.js'
import { funnelView, moneyView } from './funnel.js'
import { pendingView } from './pending.js'
import { currentPlace, hrefWith, PERIODS } from './place.js'
import { poll } from './poll.js'
import { statusView } from './status.js'
import { countIn } from './summary.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

const LIVE_MS = 2_000
const REPORTS_MS = 5_000
const PROGRAM_MS = 30_000

const periodLabels = { '1h': '1 hour', '24h': '24 hours', '7d': '7 days', '30d': '30 days' }

/**
 * The first screen: what partners brought, and what is stuck.
 * @param {import('./page.js').Page} page
 * @returns {import('./page.js').Screen}
 */
export function overviewScreen (page) {
  /** @type {Schemas['TrackingSummary'] | undefined} */
  let summary
  /** @type {Schemas['ProgramStatus'] | null} */
  let program = null
  /** @type {Schemas['TrackingFunnel'] | undefined} */
  let funnel
  /** @type {Schemas['DeliveryReport'] | undefined} */
  let deliveries
  /** @type {Schemas['TrackingEvent'][]} */
  let pending = []
  /** @type {import('./attention.js').Attention} */
  let attention = { events: [], stripeEvents: [] }
  const list = new EventList()
  /** @type {number | null} */
  let pointedAt = null
  const chart = new DeliveryChart(index => {
    if (index === pointedAt) return
    pointedAt = index
    page.draw()
  })

  async function readLive () {
    const [now] = await Promise.all([api.readSummary(), list.refresh(currentPlace())])
    // Most of the time there are none of these.
    const [waiting, stuck, unread] = await Promise.all([
      countIn(now, 'pending') > 0 ? api.listEvents({ state: 'pending' }) : { events: [] },
      countIn(now, 'needs_attention') > 0 ? api.listEvents({ state: 'needs_attention' }) : { events: [] },
      countIn(now, 'failed') > 0 ? api.listStripeEvents('failed') : { events: [] }
    ])
    rememberCurrencies([...waiting.events, ...stuck.events])
    summary = now
    pending = waiting.events
    attention = { events: stuck.events, stripeEvents: unread.events }
  }

  async function readReports () {
    const { period } = currentPlace()
    const [newFunnel, newDeliveries] = await Promise.all([api.readFunnel(period), api.readDeliveries(period)])
    funnel = newFunnel
    deliveries = newDeliveries
    chart.show(deliveries.buckets)
  }

  async function readProgram () {
    program = await api.readProgram().catch(error => {
      if (error instanceof api.Unavailable) return null
      throw error
    })
  }

  /** @type {ReturnType<typeof poll>[]} */
  let polls = []
  const actions = {
    retry: (/** @type {number} */ id) => act(() => api.retryEvent(id), `Event ${id} is being sent again.`),
    hold: (/** @type {number} */ id) => act(() => api.holdEvent(id), `Event ${id} was taken out of line. Retry sends it.`),
    readAgain: (/** @type {string} */ id) => act(() => api.retryStripeEvent(id), `Stripe event ${id} is being read again.`)
  }

  /**
   * @param {() => Promise<unknown>} action
   * @param {string} done what is said of it afterwards
   */
  async function act (action, done) {
    await page.attempt(async () => {
      await action()
      page.say(done)
      await readLive()
    })
  }

  const showMore = () => page.attempt(() => list.showMore())

  return {
    title: 'Overview',
    show () {
      polls = [
        poll(() => page.attempt(readLive), LIVE_MS),
        poll(() => page.attempt(readReports), REPORTS_MS),
        poll(() => page.attempt(readProgram), PROGRAM_MS)
      ]
    },
    refresh () {
      for (const { now } of polls) void now()
    },
    hide () {
      for (const { stop } of polls) stop()
    },
    view: () => html`
      <div class="head">
        <h1 tabindex="-1">Overview</h1>
        ${periodChoice()}
      </div>
      ${summary === undefined ? html`<p class="quiet">Loading…</p>` : statusView(summary, program)}
      ${funnel === undefined ? nothing : funnelView(funnel, program)}
      ${funnel === undefined || deliveries === undefined ? nothing : html`<div class="halves">${moneyView(funnel)}${deliveriesView(deliveries, chart, pointedAt)}</div>`}
      ${summary === undefined ? nothing : html`${attentionView(attention, actions)}${pendingView(pending, countIn(summary, 'pending'), actions.hold)}`}
      ${eventsView(list, showMore)}`
  }
}

function periodChoice () {
  const chosen = currentPlace().period
  return html`
    <nav class="choice" aria-label="Period">
      ${PERIODS.map(period => html`<a href=${hrefWith({ period })} aria-current=${period === chosen ? 'true' : 'false'}>${periodLabels[period]}</a>`)}
    </nav>`
}
