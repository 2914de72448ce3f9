// @ts-check
import { html, nothing } from 'lit-html'
import * as api from './api.js'
import { fieldsOf, rememberCurrencies } from './facts.js'
import { currentPlace, hrefWith } from './place.js'
import { poll } from './poll.js'
import { timelineView } from './timeline.js'
import { verdictOf } from './verdict.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

const STORY_MS = 3_000

/**
 * The second screen: one customer's story.
 * @param {import('./page.js').Page} page
 * @returns {import('./page.js').Screen}
 */
export function customerScreen (page) {
  /** @type {string | null} */
  let customerKey = null
  /** @type {Schemas['CustomerStory'] | undefined} */
  let story
  /** @type {string | null} why there is no story */
  let problem = null
  /** @type {ReturnType<typeof poll> | undefined} */
  let polling

  async function readStory () {
    const key = customerKey
    if (key === null) return
    try {
      const newStory = await api.readStory(key)
      if (key !== customerKey) return
      rememberCurrencies(factsOf(newStory))
      story = newStory
      problem = null
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error
      problem = error.message
    }
  }

  /** Forgets a customer who is not the one that is looked at. */
  function turn () {
    if (customerKey === currentPlace().customerKey) return
    customerKey = currentPlace().customerKey
    story = undefined
    problem = null
  }

  const retry = (/** @type {number} */ id) => page.attempt(async () => {
    await api.retryEvent(id)
    page.say(`Event ${id} is being sent again.`)
    await readStory()
  })

  return {
    title: 'Customer',
    show () {
      turn()
      polling = poll(() => page.attempt(readStory), STORY_MS)
    },
    refresh () {
      turn()
      void polling?.now()
    },
    hide: () => polling?.stop(),
    view: () => html`
      <p><a href=${hrefWith({ customerKey: null })}>← Overview</a></p>
      <h1 tabindex="-1">Customer</h1>
      ${problem === null ? nothing : html`<p class="notice">${problem}</p>`}
      ${story === undefined ? problem === null ? html`<p class="quiet">Loading…</p>` : nothing : storyView(story, retry)}`
  }
}

/**
 * @param {Schemas['CustomerStory']} story
 * @param {import('./timeline.js').Retry} retry
 */
const storyView = (story, retry) => html`
  <section class="card stack" aria-labelledby="verdict-heading">
    <h2 id="verdict-heading">What partners get for this customer</h2>
    <ul class="verdict">${verdictOf(factsOf(story)).map(({ tone, text }) => html`<li data-tone=${tone}>${text}</li>`)}</ul>
    <dl class="properties">
      ${emailOf(story) === null ? nothing : html`<dt>E-mail</dt><dd>${emailOf(story)}</dd>`}
      <dt>Customer key</dt><dd><code>${story.customerKey}</code></dd>
      <dt>Click id</dt><dd>${story.clickId === null ? 'none: no partner\'s link led to the signup' : html`<code>${story.clickId}</code>`}</dd>
      <dt>Stripe</dt><dd>${story.stripeReferences.length === 0 ? 'no customer or subscription is known' : story.stripeReferences.map(reference => html`<code>${reference}</code> `)}</dd>
    </dl>
  </section>
  <section class="card" aria-labelledby="story-heading">
    <h2 id="story-heading">What happened</h2>
    ${timelineView(story.entries, retry)}
  </section>`

/** @param {Schemas['CustomerStory']} story */
const factsOf = ({ entries }) => entries.flatMap(entry => entry.type === 'fact' ? [entry.trackingEvent] : [])

/** @param {Schemas['CustomerStory']} story */
function emailOf (story) {
  const email = factsOf(story).map(fact => fieldsOf(fact).email).find(value => typeof value === 'string')
  return email ?? null
}
