// @ts-check
import { formatMoney, parseMoney } from '#money'
import { html, nothing } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { ask } from './control-surface.js'

/** @import { PaymentRow } from '../../stripe/control/overview.js' */
/** @import { Page } from './page.js' */

/** What is wrong with the amount typed for a payment, by the payment's id. @type {Map<string, string>} */
const problems = new Map()

/**
 * The form for a refund of a part; its button decides what becomes of the refund.
 * @param {Page} page
 * @param {PaymentRow} row
 */
export function renderRefundForm (page, row) {
  const field = `refund-${row.id}`
  const problem = problems.get(row.id)
  return html`<form class="inline-form" novalidate @submit=${(/** @type {SubmitEvent} */ event) => submit(event, page, row)}>
    <label for=${field} class="visually-hidden">Amount to refund in ${row.currency.toUpperCase()}</label>
    <input id=${field} name="amount" class="compact" inputmode="decimal" autocomplete="off" placeholder=${row.currency.toUpperCase()}
      aria-invalid=${problem === undefined ? nothing : 'true'} aria-describedby=${problem === undefined ? row.id : `${field}-problem`}>
    <button class="compact" aria-busy=${page.isBusy(field)} aria-describedby=${row.id}>Refund in part</button>
    <button class="compact" name="status" value="pending" aria-busy=${page.isBusy(field)} aria-describedby=${row.id}>Start a pending refund</button>
    ${when(problem, () => html`<span id=${`${field}-problem`} class="problem small" role="alert">${problem}</span>`)}
  </form>`
}

/**
 * @param {SubmitEvent} event
 * @param {Page} page
 * @param {PaymentRow} row
 */
function submit (event, page, row) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.target)
  const input = /** @type {HTMLInputElement} */ (form.elements.namedItem('amount'))
  const waits = event.submitter?.getAttribute('value') === 'pending'
  const amount = parseMoney(input.value, row.currency)
  const most = formatMoney(row.refundable, row.currency)
  problems.delete(row.id)
  if (amount === null) problems.set(row.id, `Enter an amount, at most ${most}.`)
  else if (amount > row.refundable) problems.set(row.id, `Only ${most} can still be refunded.`)
  page.draw()
  if (amount === null || problems.has(row.id)) return input.focus()
  void page.act(`refund-${row.id}`, async () => {
    const { events } = await ask('POST', '/refunds', { payment_intent: row.id, amount, ...(waits && { status: 'pending' }) })
    form.reset()
    const words = waits ? 'is on its way to the bank' : 'was given back'
    return { text: `${formatMoney(amount, row.currency)} ${words} (${row.title}, ${row.email}).`, events }
  })
}
