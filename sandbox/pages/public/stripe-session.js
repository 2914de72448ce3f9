// @ts-check
import { html } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { act, renderRow } from './stripe-row.js'

/** @import { SessionRow } from '../../stripe/control/overview.js' */
/** @import { Page } from './page.js' */

/**
 * @param {Page} page
 * @param {SessionRow} row
 */
export function renderSession (page, row) {
  return renderRow(row, row.state, when(row.state === 'open', () => html`
    <a class="button compact" href=${row.url} aria-describedby=${row.id}>Payment page</a>
    ${act(page, row, 'Expire', `/checkout/sessions/${row.id}/expire`, 'The session has expired')}`))
}
