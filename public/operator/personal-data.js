// @ts-check
import { html } from 'lit-html'
import * as api from './api.js'
import { ask } from './dialog.js'
import { save } from './save.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * @param {import('./page.js').Page} page
 * @param {string} customerKey
 */
export const exportStory = (page, customerKey) => page.attempt(async () => {
  save(await api.exportCustomer(customerKey), `customer-${customerKey.replace(/[^\w.@-]/g, '_')}.json`)
  page.say('Saved.')
})

/**
 * @param {import('./page.js').Page} page
 * @param {Schemas['CustomerStory']} story
 * @param {() => Promise<void>} reload
 */
export const askToDelete = (page, { customerKey, email }, reload) => ask(page, {
  heading: 'Delete personal data',
  text: html`
    <p>The e-mail, the click id and what else tells who the customer is are removed from facts, Stripe events, attempts and notes,
    and from what still comes. This cannot be taken back.</p>
    <p>Kept are the customer key, the transactions with their amounts and times, and how each ended: without them a refund
    could not be told, and the books would not add up. What Affitor and Stripe keep is theirs to delete.</p>`,
  confirm: 'Delete personal data',
  isDangerous: true,
  typed: {
    label: email === null ? `Type the customer key to confirm: ${customerKey}` : `Type the e-mail or the customer key to confirm: ${email}`,
    accepted: email === null ? [customerKey] : [customerKey, email]
  },
  async run () {
    await api.deletePersonalData(customerKey)
    await reload()
  },
  after: () => page.say('The personal data was deleted.')
})
