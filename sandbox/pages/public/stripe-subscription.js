// @ts-check
import { formatMoney } from '#money'
import { html } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { ask } from './control-surface.js'
import { button } from './page.js'
import { act, renderRow } from './stripe-row.js'

/** @import { SubscriptionRow } from '../../stripe/control/overview.js' */
/** @import { Page } from './page.js' */

/**
 * @param {Page} page
 * @param {SubscriptionRow} row
 */
export function renderSubscription (page, row) {
  const path = `/subscriptions/${row.id}`
  const end = new Date(row.periodEnd * 1000).toLocaleDateString('en', { dateStyle: 'medium' })
  const parts = { unit: row.interval, note: row.endsWithPeriod ? `Ends on ${end}.` : `The period ends on ${end}.` }
  if (row.status === 'canceled') return renderRow(row, row.status, null, { unit: row.interval })
  if (row.endsWithPeriod) {
    return renderRow(row, row.status, act(page, row, 'Let the period end', `${path}/renew`, 'The subscription has ended with its period'), parts)
  }
  return renderRow(row, row.status, html`
    ${act(page, row, 'Renew', `${path}/renew`, 'The period ended and was paid for again')}
    ${act(page, row, 'Fail the renewal', `${path}/renew`, 'The period ended and the card was declined', { outcome: 'failed' })}
    ${when(row.unpaidInvoice, id => act(page, row, 'Pay the open invoice', `/invoices/${id}/pay`, 'The open invoice was paid'))}
    ${act(page, row, 'Cancel now', `${path}/cancel`, 'The subscription was cancelled')}
    ${act(page, row, 'Cancel at period end', `${path}/cancel`, 'The subscription will end with its period', { at_period_end: true })}
    ${when(row.upgrades.length > 0, () => renderUpgrade(page, row))}`, parts)
}

/**
 * @param {Page} page
 * @param {SubscriptionRow} row
 */
function renderUpgrade (page, row) {
  const field = `upgrade-${row.id}`
  return html`<span class="inline-form">
    <label for=${field} class="visually-hidden">Change to</label>
    <select id=${field} class="compact">${row.upgrades.map(({ id, title, amount, interval }) => html`
      <option value=${id}>${title}, ${formatMoney(amount, row.currency)} ${interval}</option>`)}
    </select>
    ${button(page, 'Upgrade', async () => {
      const price = /** @type {HTMLSelectElement} */ (document.getElementById(field)).value
      const { events, invoice } = await ask('POST', `/subscriptions/${row.id}/upgrade`, { price })
      return { text: `The plan was changed and ${formatMoney(invoice.amount_paid, row.currency)} paid for it (${row.email}).`, events }
    }, { key: `upgrade ${row.id}`, about: row.id })}
  </span>`
}
