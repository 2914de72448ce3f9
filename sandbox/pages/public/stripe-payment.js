// @ts-check
import { formatMoney } from '#money'
import { html } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { renderRefundForm } from './stripe-refund.js'
import { act, badge, renderRow } from './stripe-row.js'

/** @import { PaymentRow } from '../../stripe/control/overview.js' */
/** @import { Page } from './page.js' */

const REASONS = { first: 'first payment', renewal: 'renewal', upgrade: 'change of plan' }

/**
 * @param {Page} page
 * @param {PaymentRow} row
 */
export function renderPayment (page, row) {
  const target = { payment_intent: row.id }
  const debit = `/checkout/sessions/${row.waitingSession}`
  return renderRow(row, row.status, html`
    ${when(row.waitingSession, () => html`
      ${act(page, row, 'Let the debit clear', `${debit}/clear`, 'The bank debit has cleared')}
      ${act(page, row, 'Let the debit fail', `${debit}/fail-payment`, 'The bank refused the debit')}`)}
    ${when(row.disputable, () => act(page, row, 'Dispute', '/disputes', 'The buyer\'s bank took the money back', target))}
    ${when(row.refundable > 0, () => html`
      ${act(page, row, 'Refund in full', '/refunds', 'What was left was refunded', target)}
      ${renderRefundForm(page, row)}`)}`, {
    unit: row.reason === null ? '' : REASONS[row.reason],
    further: renderAftermath(page, row)
  })
}

/**
 * Refunds and disputes of a payment.
 * @param {Page} page
 * @param {PaymentRow} row
 */
function renderAftermath (page, row) {
  if (row.refunds.length === 0 && row.disputes.length === 0) return null
  return html`<ul class="aftermath">
    ${row.refunds.map(({ id, amount, status }) => html`<li class="row">
      Refund of ${formatMoney(amount, row.currency)} ${badge(status)}
      ${when(status === 'pending', () => html`
        ${act(page, row, 'Refund succeeds', `/refunds/${id}/settle`, 'The bank took the refund', { status: 'succeeded' })}
        ${act(page, row, 'Refund fails', `/refunds/${id}/settle`, 'The bank refused the refund', { status: 'failed' })}`)}
    </li>`)}
    ${row.disputes.map(({ id, amount, status, open }) => html`<li class="row">
      Dispute of ${formatMoney(amount, row.currency)} ${badge(status)}
      ${when(open, () => html`
        ${act(page, row, 'Dispute won', `/disputes/${id}/close`, 'The shop won the dispute', { status: 'won' })}
        ${act(page, row, 'Dispute lost', `/disputes/${id}/close`, 'The shop lost the dispute', { status: 'lost' })}`)}
    </li>`)}
  </ul>`
}
