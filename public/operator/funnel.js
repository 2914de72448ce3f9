// @ts-check
import { html, nothing, svg } from 'lit-html'
import { formatMoney } from '#money'
import { table } from './parts.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * From click to sale.
 * @param {Schemas['TrackingFunnel']} funnel
 * @param {Schemas['ProgramStatus'] | null} program knows the clicks, of the last 24 hours only
 * @param {unknown} periodChoice
 */
export function funnelView (funnel, program, periodChoice) {
  const clicks = funnel.period === '24h' ? program?.clicks24h ?? null : null
  const { leads, referredLeads, checkouts, sales } = funnel
  const most = Math.max(clicks ?? 0, leads, checkouts, sales, 1)
  return html`
    <section class="card" aria-labelledby="funnel-heading">
      <div class="head"><h2 id="funnel-heading">Funnel</h2>${periodChoice}</div>
      <ol class="funnel">
        ${step('Clicks', clicks, clicks === null ? clicksUnknown(funnel.period) : 'on partners\' links', most)}
        ${step('Leads', leads, `${referredLeads.toLocaleString('en')} referred by a partner`, most)}
        ${step('Checkouts', checkouts, 'the customer was sent to Stripe', most)}
        ${step('Sales', sales, 'payments, renewals among them', most)}
      </ol>
    </section>`
}

/** @param {Schemas['Period']} period */
const clicksUnknown = period => period === '24h' ? 'Affitor does not tell now' : 'known for 24 hours only'

/**
 * @param {string} label
 * @param {number | null} count
 * @param {string} detail
 * @param {number} most the longest bar
 */
const step = (label, count, detail, most) => html`
  <li>
    <span class="label">${label}</span>
    <span class="value number">${count === null ? html`<span class="quiet">not known</span>` : count.toLocaleString('en')}</span>
    <svg class="bar-of-step" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="track" width="100" height="6" rx="1"></rect>
      ${count === null ? nothing : svg`<rect class="part" width=${100 * count / most} height="6" rx="1"></rect>`}
    </svg>
    <span class="quiet small">${detail}</span>
  </li>`

/**
 * What was paid, given back and earned, by currency.
 * @param {Schemas['TrackingFunnel']} funnel
 */
export const moneyView = ({ currencies }) => html`
  <section class="card" aria-labelledby="money-heading">
    <h2 id="money-heading">Money</h2>
    ${currencies.length === 0
      ? html`<p class="quiet">Nothing was paid or given back in this time.</p>`
      : table({
        caption: 'Revenue, refunds and commission by currency',
        head: ['Currency', '>Revenue', '>Refunded', '>Attributed sales', '>Commission (estimated)'],
        rows: currencies.map(({ currency, sales, attributedSales, revenueCents, refundedCents, commissionCents }) => html`
          <tr>
            <th scope="row">${currency}</th>
            <td class="amount number" data-label="Revenue">${formatMoney(revenueCents, currency)}</td>
            <td class="amount number" data-label="Refunded">${formatMoney(refundedCents, currency)}</td>
            <td class="amount number" data-label="Attributed sales">${attributedSales.toLocaleString('en')} of ${sales.toLocaleString('en')}</td>
            <td class="amount number" data-label="Commission (estimated)">${commissionCents === null ? html`<span class="quiet">not known</span>` : formatMoney(commissionCents, currency)}</td>
          </tr>`)
      })}
    ${currencies.some(({ commissionCents }) => commissionCents === null)
      ? html`<p class="quiet small">Affitor does not tell commissions. Set <code>COMMISSION_PERCENT</code> to have them estimated.</p>`
      : nothing}
  </section>`
