// @ts-check
import { html, nothing } from 'lit-html'
import { actionsOf } from './actions.js'
import * as api from './api.js'
import { copyFrom, id } from './copy.js'
import { rememberDashboards } from './dashboards.js'
import { actionButton, skeleton } from './parts.js'
import { askToDelete, exportStory } from './personal-data.js'
import { currentPlace, overviewHref } from './place.js'
import { poll } from './poll.js'
import { storyText } from './story-text.js'
import { timelineView } from './timeline.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

const STORY_MS = 3_000

/**
 * One customer's story.
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
  let knowsDashboards = false

  async function readStory () {
    const key = customerKey
    if (key === null) return
    if (!knowsDashboards) rememberDashboards(await api.readSummary())
    knowsDashboards = true
    try {
      const newStory = await api.readStory(key)
      if (key !== customerKey) return
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

  const actions = actionsOf(page, readStory)

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
      <p><a href=${overviewHref()}>← Overview</a></p>
      <h1 tabindex="-1">${story === undefined ? 'Customer' : story.email ?? story.customerKey}</h1>
      ${problem === null ? nothing : html`<p class="notice">${problem}</p>`}
      ${story === undefined ? problem === null ? skeleton(6) : nothing : storyView(page, story, actions, readStory)}`
  }
}

/**
 * @param {import('./page.js').Page} page
 * @param {Schemas['CustomerStory']} story
 * @param {import('./actions.js').Actions} actions
 * @param {() => Promise<void>} reload
 */
const storyView = (page, story, actions, reload) => html`
  <section class="card stack" aria-labelledby="verdict-heading">
    <h2 id="verdict-heading">What partners get for this customer</h2>
    <p class="verdict">${story.verdict}</p>
    <div class="row">
      <button class="compact copy-text" type="button" @click=${(/** @type {{ currentTarget: HTMLElement }} */ { currentTarget }) => copyFrom(currentTarget, storyText(story))}>Copy as text</button>
      <span class="quiet small">For the answer to the partner: the customer’s name and internal ids are left out.</span>
    </div>
    <dl class="properties">
      <dt>Customer key</dt><dd>${id(story.customerKey)}</dd>
      <dt>Click id</dt><dd>${story.clickId === null ? noClickText(story) : id(story.clickId)}</dd>
      <dt>Stripe</dt><dd>${story.stripeReferences.length === 0 ? 'no customer or subscription is known' : story.stripeReferences.map(reference => html`${id(reference)} `)}</dd>
    </dl>
  </section>
  <section class="card" aria-labelledby="story-heading">
    <h2 id="story-heading">What happened</h2>
    ${timelineView(story.entries, actions)}
  </section>
  <section class="card" aria-labelledby="data-heading">
    <h2 id="data-heading">The customer’s data</h2>
    <div class="row">
      ${actionButton('Export everything (JSON)', () => exportStory(page, story.customerKey))}
      ${actionButton('Delete personal data', async () => askToDelete(page, story, reload))}
    </div>
  </section>`

/** @param {Schemas['CustomerStory']} story */
const factsOf = ({ entries }) => entries.flatMap(entry => entry.kind === 'fact' ? [entry.trackingEvent] : [])

/** @param {Schemas['CustomerStory']} story */
const noClickText = story => factsOf(story).some(({ kind }) => kind === 'lead') ? 'none: the signup came with none' : 'not known: no signup of this customer has been told'
