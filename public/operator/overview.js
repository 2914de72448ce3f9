// @ts-check
import { html, nothing } from 'lit-html'
import { actionsOf } from './actions.js'
import * as api from './api.js'
import { attentionView } from './attention.js'
import { AttentionList } from './attention-list.js'
import { DeliveryChart } from './chart.js'
import { checksView } from './checks.js'
import { rememberDashboards } from './dashboards.js'
import { deliveriesView } from './deliveries.js'
import { EventList, filterOf } from './event-list.js'
import { eventsView } from './events.js'
import { funnelView, moneyView } from './funnel.js'
import { skeleton } from './parts.js'
import { pendingView } from './pending.js'
import { currentPlace, hrefWith, PERIODS } from './place.js'
import { poll } from './poll.js'
import { resolvedStripeEventsView } from './resolved-stripe-events.js'
import { save } from './save.js'
import { statusView } from './status.js'
import { countIn, stripeEventsIn } from './summary.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

const LIVE_MS = 2_000
const REPORTS_MS = 5_000
const PROGRAM_MS = 30_000
/** Each look asks Stripe and Affitor a dozen questions. */
const CHECKS_MS = 300_000

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
  /** @type {Schemas['InstallationChecks'] | undefined} */
  let checks
  /** @type {Schemas['TrackingFunnel'] | undefined} */
  let funnel
  /** @type {Schemas['DeliveryReport'] | undefined} */
  let deliveries
  /** @type {Schemas['TrackingEvent'][]} */
  let pending = []
  /** @type {Schemas['StripeEvent'][] | null} */
  let resolvedStripeEvents = null
  const attention = new AttentionList()
  const list = new EventList()
  let isCsvTruncated = false
  /** @type {number | null} */
  let pointedAt = null
  const chart = new DeliveryChart(index => {
    if (index === pointedAt) return
    pointedAt = index
    page.draw()
  })

  async function readLive () {
    const [now] = await Promise.all([api.readSummary(), list.refresh(filterOf(currentPlace()))])
    rememberDashboards(now)
    const [waiting] = await Promise.all([countIn(now, 'pending') > 0 ? api.listEvents({ state: 'pending' }) : { events: [] }, attention.refresh(now)])
    summary = now
    pending = waiting.events
    if (resolvedStripeEvents !== null) await readResolvedStripeEvents()
  }

  async function readResolvedStripeEvents () {
    resolvedStripeEvents = (await api.listStripeEvents({ state: 'resolved', limit: 50 })).events
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

  async function readChecks () {
    checks = await api.readChecks()
  }

  /** @type {ReturnType<typeof poll>[]} */
  let polls = []
  const actions = actionsOf(page, readLive)
  const showMore = () => page.attempt(() => list.showMore())
  const showMoreOf = (/** @type {Schemas['AttentionGroup']} */ group) => page.attempt(async () => {
    attention.showMore(group)
    await readLive()
  })
  const download = () => page.attempt(async () => {
    const { content, isTruncated } = await api.downloadEvents(filterOf(currentPlace()))
    save(content, `events-${new Date().toISOString().slice(0, 10)}.csv`)
    page.say(isTruncated ? 'Saved the newest 50,000 events; there are more.' : 'Saved.')
    isCsvTruncated = isTruncated
  })
  const openResolved = () => { void page.attempt(readResolvedStripeEvents) }

  return {
    title: 'Overview',
    show () {
      polls = [
        poll(() => page.attempt(readLive), LIVE_MS),
        poll(() => page.attempt(readReports), REPORTS_MS),
        poll(() => page.attempt(readProgram), PROGRAM_MS),
        poll(() => page.attempt(readChecks), CHECKS_MS)
      ]
    },
    refresh () {
      for (const { now } of polls) void now()
    },
    hide () {
      for (const { stop } of polls) stop()
    },
    view: () => html`
      <h1 tabindex="-1">Overview</h1>
      ${summary === undefined ? skeleton() : statusView(summary, program)}
      ${attentionView(attention, summary === undefined ? 0 : resolvedFacts(summary), actions, showMoreOf)}
      ${summary === undefined ? nothing : resolvedStripeEventsView(stripeEventsIn(summary, 'resolved'), resolvedStripeEvents, { open: openResolved, reopen: actions.reopenStripeEvent })}
      ${summary === undefined ? nothing : pendingView(pending, countIn(summary, 'pending'), actions.hold)}
      ${funnel === undefined ? html`<div class="card">${skeleton()}</div>` : funnelView(funnel, program, periodChoice())}
      ${funnel === undefined || deliveries === undefined ? nothing : html`<div class="halves">${moneyView(funnel)}${deliveriesView(deliveries, chart, pointedAt)}</div>`}
      ${checks === undefined ? nothing : checksView(checks)}
      ${eventsView(list, isCsvTruncated, { showMore, download })}`
  }
}

/** @param {Schemas['TrackingSummary']} summary */
const resolvedFacts = summary => countIn(summary, 'resolved') - stripeEventsIn(summary, 'resolved')

function periodChoice () {
  const chosen = currentPlace().period
  return html`
    <nav class="choice" aria-label="Period">
      ${PERIODS.map(period => html`<a href=${hrefWith({ period })} aria-current=${period === chosen ? 'true' : 'false'}>${periodLabels[period]}</a>`)}
    </nav>`
}
