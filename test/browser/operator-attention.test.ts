import t from 'tap'
import { auditPage, startBrowser, watchPage } from '../helpers/browser.js'
import { eventually } from '../helpers/eventually.js'
import { attention, events, shows, signIn } from '../helpers/operator-page.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { makeTrouble } from '../helpers/troubles.js'

t.setTimeout(180_000)

const service = await startService(t)
const ada = await makeTrouble(service, 'retries_exhausted')
const others = [await makeTrouble(service), await makeTrouble(service)]
const page = await (await startBrowser(t)).newPage()
page.setDefaultTimeout(20_000)
const complaints = watchPage(page, service.url)
await page.goto(`${service.url}/operator`)
await signIn(page, ADMIN_TOKEN)

const group = (reason: string) => page.locator(`${attention} [data-reason="${reason}"]`)
const stateOf = async ({ userId }: { userId: string }) => (await service.ledger()).find(event => event.customerKey === userId && event.kind === 'sale')

async function fillIn (note: string, confirm: string): Promise<void> {
  await page.getByLabel('What was done about it').fill(note)
  await page.getByRole('dialog').getByRole('button', { name: confirm }).click()
}

t.test('what needs attention stands together by reason, with what to do', async t => {
  await group('transaction_id_used_up').waitFor()
  t.match(await group('transaction_id_used_up').innerText(), /2 events[^]*Look in Affitor for a commission[^]*Since/)
  t.match(await group('retries_exhausted').innerText(), new RegExp(`1 event[^]*${ada.email}[^]*1 attempt`))
  t.equal(await group('retries_exhausted').getByRole('button', { name: 'Retry all' }).count(), 0, 'one is not all')
})

t.test('it is resolved with a note, which can be undone right after and from the story', async t => {
  await group('retries_exhausted').getByRole('button', { name: 'Resolve' }).click()
  await auditPage(t, page, 'dialog')
  await page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click()
  t.equal(await page.getByRole('dialog').isVisible(), true, 'without a note it stays')
  await page.getByLabel('Your name').fill('Grace')
  await fillIn('Credited by hand', 'Resolve')
  await group('retries_exhausted').waitFor({ state: 'detached' })
  t.match(await stateOf(ada), { state: 'resolved', resolution: { note: 'Credited by hand', by: 'Grace' } })
  t.equal(await page.evaluate('document.activeElement.textContent'), 'Undo')
  await page.keyboard.press('Enter')
  await group('retries_exhausted').waitFor()
  t.match(await stateOf(ada), { state: 'needs_attention', resolution: null })

  await group('retries_exhausted').getByRole('button', { name: 'Resolve' }).click()
  t.equal(await page.getByLabel('Your name').inputValue(), 'Grace', 'the name is remembered')
  await fillIn('Ticket 4711', 'Resolve')
  await page.getByRole('link', { name: '1 event resolved earlier' }).click()
  await shows(page, `${events} tbody tr`, /Resolved by Grace[^]*Ticket 4711/)
  await page.locator(events).getByRole('link', { name: ada.email }).click()
  await shows(page, '.timeline > .minor', /Resolved by Grace[^]*Ticket 4711/)
  await page.getByRole('button', { name: 'Reopen' }).click()
  await shows(page, '.timeline > .minor', 'Reopened by Grace')
  await eventually('it needs attention again', async () => (await stateOf(ada))?.state === 'needs_attention')
  await page.getByRole('link', { name: 'Overview' }).click()
})

t.test('all of a reason are tried again, or resolved, when that is confirmed', async t => {
  await group('transaction_id_used_up').getByRole('button', { name: 'Retry all 2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  t.match(await Promise.all(others.map(stateOf)), [{ state: 'needs_attention' }, { state: 'needs_attention' }])
  await group('transaction_id_used_up').getByRole('button', { name: 'Retry all 2' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Retry all 2' }).click()
  await group('transaction_id_used_up').waitFor({ state: 'detached' })
  t.match(await Promise.all(others.map(stateOf)), [{ state: 'pending' }, { state: 'pending' }])

  await query(service.connectionString, "update tracking_events set state = 'needs_attention', reason = 'refused' where state = 'pending'")
  await group('refused').getByRole('button', { name: 'Resolve all 2' }).click()
  await fillIn('Test orders', 'Resolve all 2')
  await group('refused').waitFor({ state: 'detached' })
  t.match(await Promise.all(others.map(stateOf)), Array(2).fill({ state: 'resolved', resolution: { note: 'Test orders', by: 'Grace' } }))
})

t.test('a Stripe event that could not be read is resolved, and found again', async t => {
  await query(service.connectionString, `update stripe_events set state = 'failed', reason = 'interpretation_failed' where customer_key = '${ada.userId}' and type = 'checkout.session.completed'`)
  await group('interpretation_failed').getByRole('button', { name: 'Resolve' }).click()
  await fillIn('Reported by hand', 'Resolve')
  await group('interpretation_failed').waitFor({ state: 'detached' })
  await page.getByText('Stripe events that were resolved (1)').click()
  await page.getByRole('button', { name: 'Reopen' }).click()
  await group('interpretation_failed').waitFor()
  await eventually('none is resolved', async () => await page.getByText('Stripe events that were resolved').count() === 0)
  t.same(complaints, [])
})
