// @ts-check
import { formatMoney } from '#money'
import { html } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { earningsOf } from './affitor-view.js'
import { counted, shorten, timeAgo } from './words.js'

/** @import { TrackingCall } from '../../affitor/calls.js' */
/** @import { Partner } from '../../affitor/program.js' */
/** @import { Sale } from '../../affitor/records.js' */
/** @import { AffitorView } from './affitor-view.js' */

const MAX_ROWS = 10

/**
 * Everything that was recorded.
 * @param {AffitorView} view
 */
export function renderRecords (view) {
  const { calls, clicks, customers, leads, refunds, sales } = view
  const partnerOf = (/** @type {number} */ id) => customers[id - 1]?.partnerCode ?? 'unknown'
  return html`
    <section aria-labelledby="partners">
      <h2 id="partners">Partners</h2>
      <ul class="grid partners">${view.partners.map(partner => renderPartner(partner, view))}</ul>
    </section>
    ${renderTable('Sales and commissions', ['Sale', 'Product', 'Amount', 'Partner', 'Commission', 'When'], sales, sale => saleCells(sale, view))}
    ${renderTable('Refunds', ['Of the sale', 'Amount', 'Commission taken back', 'When'], refunds, ({ transactionId, amountCents, deductionCents, saleId, at }) => {
      const currency = sales[saleId - 1]?.currency ?? 'USD'
      return [code(transactionId), formatMoney(amountCents, currency), formatMoney(deductionCents, currency), time(at)]
    })}
    ${renderTable('Leads', ['Customer', 'Partner', 'State', 'When'], leads, ({ customerId, customerKey, provisional, at }) =>
      [code(customerKey ?? ''), partnerOf(customerId), provisional ? 'provisional' : 'confirmed', time(at)])}
    ${renderTable('Clicks', ['Click id', 'Partner', 'Page', 'When'], clicks, ({ clickId, partnerCode, affiliateUrl, at }) =>
      [code(clickId), partnerCode, affiliateUrl, time(at)])}
    ${renderTable('Last calls', ['Call', 'Status', 'Recorded', 'When'], calls, call =>
      [`${call.endpoint} no. ${call.id}`, renderStatus(call), call.recorded ? 'yes' : 'no', time(call.at)], view.callCount)}`
}

/**
 * @param {Partner} partner
 * @param {AffitorView} view
 */
function renderPartner ({ code, commissionRate }, view) {
  const { earned, clicks, leads, sales } = earningsOf(code, view)
  return html`<li class="card">
    <h3>${code}</h3>
    <p class="earned number">${earned.length === 0 ? 'Nothing yet' : earned.map(([currency, amount]) => html`<span>${formatMoney(amount, currency)}</span>`)}</p>
    <p class="quiet small">earned at ${Math.round(commissionRate * 10_000) / 100} % · ${counted(clicks, 'click')} · ${counted(leads, 'lead')} · ${counted(sales, 'sale')}</p>
  </li>`
}

/**
 * @param {Sale} sale
 * @param {AffitorView} view
 */
function saleCells (sale, { commissions, customers }) {
  const commission = sale.commissionId === null ? undefined : commissions[sale.commissionId - 1]
  return [
    html`${code(sale.transactionId)}${sale.isRecurring ? ' renewal' : ''}`,
    sale.productId === null ? 'not told' : code(sale.productId),
    formatMoney(sale.amountCents, sale.currency),
    customers[sale.customerId - 1]?.partnerCode ?? 'unknown',
    commission === undefined
      ? html`<span class="badge" data-tone="bad">None</span>`
      : html`${formatMoney(commission.amountCents - commission.deductedCents, commission.currency)} ${when(commission.status !== 'pending', () => html`<span class="badge" data-tone="warn">${commission.status}</span>`)}`,
    time(sale.at)
  ]
}

/** @param {TrackingCall} call */
function renderStatus ({ status }) {
  if (status === null) return html`<span class="badge" data-tone="bad">No answer</span>`
  return html`<span class="badge" data-tone=${status < 300 ? 'good' : status < 500 ? 'warn' : 'bad'}>${status}</span>`
}

/**
 * @template Item
 * @param {string} title
 * @param {string[]} columns
 * @param {Item[]} items oldest first
 * @param {(item: Item) => unknown[]} cells
 * @param {number} [total] if there were more
 */
function renderTable (title, columns, items, cells, total = items.length) {
  const shown = items.slice(-MAX_ROWS).reverse()
  return html`<section class="card" aria-label=${title}>
    <h2>${title} <span class="badge">${total}</span></h2>
    ${shown.length === 0
      ? html`<p class="quiet">None yet.</p>`
      : html`<div class="scroll" role="region" aria-label=${`Table: ${title}`} tabindex="0"><table>
        <thead><tr>${columns.map(column => html`<th scope="col">${column}</th>`)}</tr></thead>
        <tbody>${shown.map(item => html`<tr>${cells(item).map(cell => html`<td>${cell}</td>`)}</tr>`)}</tbody>
      </table></div>`}
    ${when(total > shown.length, () => html`<p class="quiet small">The newest ${shown.length} of ${total}.</p>`)}
  </section>`
}

/** @param {string} id */
function code (id) {
  return html`<code title=${id}>${shorten(id)}</code>`
}

/** @param {string} at */
function time (at) {
  return html`<time datetime=${at} title=${new Date(at).toLocaleString()}>${timeAgo(new Date(at))}</time>`
}
