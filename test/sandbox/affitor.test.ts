import t from 'tap'
import { Affitor } from '@affitor/sdk/server'
import { startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'

type Answer = [status: number, body: unknown]

const NAMES: Record<number, string> = { 400: 'BadRequestError', 401: 'UnauthorizedError', 404: 'NotFoundError', 409: 'ConflictError' }
const errorBody = (status: number, message: string) => ({ data: null, error: { status, name: NAMES[status], message, details: {} } })

const DAY_MS = 86_400_000

function client ({ url, apiKey }: StartedAffitor): Affitor {
  return new Affitor({ apiKey, apiUrl: url })
}

async function post (affitor: StartedAffitor, endpoint: string, body: unknown, authorization?: string): Promise<Answer> {
  const response = await fetch(`${affitor.url}/api/v1/track/${endpoint}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    body: typeof body === 'string' ? body : JSON.stringify(body)
  })
  return [response.status, await response.json()]
}

t.test('a click, its lead, its sale and a refund, through the SDK', async (t) => {
  const affitor = await startAffitor(t)
  const sdk = client(affitor)
  const click = await sdk.trackClick({ affiliateUrl: 'https://shop.example/pricing?aff=TESTCODE', pageUrl: 'https://shop.example/pricing' })
  t.match(click, { ok: true, data: { success: true, click_id: /^cust_1_\d+$/, partner_code: 'TESTCODE', cookie_window_days: 60 } })
  const clickId = click.ok ? click.data?.click_id : undefined

  t.match(await sdk.trackLead({ customerExternalId: 'user_1', clickId, email: 'A@Example.com', eventName: 'signup' }), {
    ok: true, data: { success: true, message: 'Lead tracked successfully' }
  })
  t.match(await sdk.trackSale({ customerExternalId: 'user_1', amount: 4999, invoiceId: 'in_1', currency: 'EUR' }), {
    ok: true, data: { success: true, sale_id: 1, commission_id: 1, message: 'Sale tracked successfully' }
  })
  t.strictSame((await sdk.trackRefund({ invoiceId: 'in_1', refundAmountCents: 2500, refundReason: 'late' })).data, {
    success: true, status: 'refunded', deductionAmount: 5, commission_id: 1
  })

  const { affitorState: state } = affitor.sandbox
  t.match(state.customers, [{ status: 'conversion', customerKey: 'user_1', partnerCode: 'TESTCODE', emailHash: /^[0-9a-f]{64}$/ }])
  t.match(state.leads, [{ customerKey: 'user_1', provisional: false, eventName: 'signup' }])
  t.match(state.sales, [{ transactionId: 'in_1', amountCents: 4999, currency: 'EUR', saleType: 'payment', commissionId: 1 }])
  t.match(state.commissions, [{ amountCents: 1000, currency: 'EUR', status: 'refunded', deductedCents: 500, partnerCode: 'TESTCODE' }])
  t.match(state.refunds, [{ amountCents: 2500, deductionCents: 500, status: 'refunded', reason: 'late' }])
  t.strictSame(affitor.calls().map(({ endpoint, status, recorded, authorization }) => [endpoint, status, recorded, authorization]), [
    ['click', 200, true, false], ['lead', 200, true, true], ['sale', 200, true, true], ['refund', 200, true, true]
  ])
})

t.test('click: documented refusals', async (t) => {
  const affitor = await startAffitor(t, {
    partners: [
      { code: 'LIVE', commissionRate: 0.1 },
      { code: 'OFF', commissionRate: 0.1, status: 'inactive' },
      { code: 'BAD', commissionRate: 0.1, status: 'misconfigured' }
    ]
  })
  const cases: Array<[unknown, number, unknown]> = [
    [{}, 400, errorBody(400, 'affiliate_url is required')],
    [[], 400, errorBody(400, 'affiliate_url is required')],
    ['null', 400, errorBody(400, 'affiliate_url is required')],
    [{ affiliate_url: 7 }, 400, errorBody(400, 'affiliate_url is required')],
    [{ affiliate_url: 'shop.example?aff=LIVE' }, 400, errorBody(400, 'Invalid affiliate_url')],
    [{ affiliate_url: 'https://shop.example/' }, 400, errorBody(400, 'No aff parameter found in affiliate_url')],
    [{ affiliate_url: 'https://shop.example/?aff=' }, 400, errorBody(400, 'No aff parameter found in affiliate_url')],
    [{ affiliate_url: 'https://shop.example/?aff=live' }, 400, errorBody(400, 'Referral link not found')],
    [{ affiliate_url: 'https://shop.example/?aff=BAD' }, 400, errorBody(400, 'Invalid referral link configuration')],
    [{ affiliate_url: 'https://shop.example/?aff=OFF' }, 200, { success: false, message: 'Referral link is inactive' }]
  ]
  for (const [body, status, answer] of cases) t.strictSame(await post(affitor, 'click', body), [status, answer])
  t.equal(affitor.sandbox.affitorState.customers.length, 0)
  t.ok(affitor.calls().every((call) => !call.recorded))
})

t.test('a second click keeps the customer and goes to the last partner', async (t) => {
  const affitor = await startAffitor(t, { partners: [{ code: 'A', commissionRate: 0.1 }, { code: 'B', commissionRate: 0.5 }] })
  const sdk = client(affitor)
  const clickId = await affitor.click('A')
  await sdk.trackLead({ customerExternalId: 'user_1', clickId })
  const again = await sdk.trackClick({ affiliateUrl: 'https://shop.example/?aff=B', existingClickId: clickId })
  t.match(again.data, { click_id: clickId, partner_code: 'B' })
  t.match(affitor.sandbox.affitorState.customers, [{ status: 'lead', partnerCode: 'B' }])
  await sdk.trackSale({ customerExternalId: 'user_1', amount: 1000, invoiceId: 'in_1' })
  t.match(affitor.sandbox.affitorState.commissions, [{ partnerCode: 'B', amountCents: 500 }])
  t.not(await affitor.click('A'), clickId, 'without the id it is another visitor')
})

t.test('lead: documented refusals', async (t) => {
  const affitor = await startAffitor(t, { partners: [{ code: 'TESTCODE', commissionRate: 0.2 }, { code: 'OTHER', commissionRate: 0.2, programId: '7' }] })
  const sdk = client(affitor)
  t.strictSame(await post(affitor, 'lead', { email: 'a@example.com' }), [400, errorBody(400, 'click_id or customer_key is required')])
  t.match(await sdk.trackLead({ customerExternalId: 'user_1', email: 'a@example.com' }), {
    ok: false, status: 400, error: 'Customer not found. Provide a valid click_id or customer_key.'
  }, 'nobody clicked')
  t.match(await sdk.trackLead({ clickId: 'cust_9_9' }), { status: 400, error: /^Customer not found/ })
  t.match(await sdk.trackLead({ clickId: await affitor.click('OTHER'), customerExternalId: 'user_2' }), {
    status: 400, error: 'Customer does not belong to this program'
  })

  const clickId = await affitor.click()
  t.equal((await sdk.trackLead({ clickId, customerExternalId: 'user_1' })).ok, true)
  t.match(await sdk.trackLead({ clickId, customerExternalId: 'user_1' }), {
    status: 400, error: 'Customer status cannot be updated to lead. Current status: lead'
  })
  await sdk.trackSale({ customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1' })
  t.match(await sdk.trackLead({ customerExternalId: 'user_1' }), {
    status: 400, error: 'Customer status cannot be updated to lead. Current status: conversion'
  })
  t.equal(affitor.sandbox.affitorState.leads.length, 1)
})

t.test('lead without Bearer: settled, or provisional where the program is strict', async (t) => {
  const open = await startAffitor(t)
  t.match(await post(open, 'lead', { click_id: await open.click(), customer_key: 'user_1' }), [200, { success: true, message: 'Lead tracked successfully' }])

  const strict = await startAffitor(t, { leadAuth: 'server_required' })
  const clickId = await strict.click()
  t.match(await post(strict, 'lead', { click_id: clickId, customer_key: 'user_1', email: 'a@example.com' }), [200, { success: true, provisional: true }])
  t.match(strict.sandbox.affitorState.customers, [{ status: 'click' }])
  t.match(await client(strict).trackLead({ customerExternalId: 'user_9', email: 'A@EXAMPLE.com' }), { ok: true }, 'known by its address')
  t.match(strict.sandbox.affitorState.customers, [{ status: 'lead', customerKey: 'user_9' }])
})

t.test('a key that clicks anew goes with the last click', async (t) => {
  const affitor = await startAffitor(t)
  const sdk = client(affitor)
  await sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
  await sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
  t.match(affitor.sandbox.affitorState.customers, [{ customerKey: null }, { customerKey: 'user_1' }])
  await sdk.trackSale({ customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1' })
  t.match(affitor.sandbox.affitorState.sales, [{ customerId: 2 }])
})

t.test('401: header missing or malformed, token empty or unknown', async (t) => {
  const affitor = await startAffitor(t)
  for (const endpoint of ['sale', 'refund']) {
    t.strictSame(await post(affitor, endpoint, {}), [401, errorBody(401, 'Missing or malformed Authorization header')])
    t.strictSame(await post(affitor, endpoint, {}, `Basic ${affitor.apiKey}`), [401, errorBody(401, 'Missing or malformed Authorization header')])
    t.strictSame(await post(affitor, endpoint, {}, 'Bearer '), [401, errorBody(401, 'API token is empty')])
    t.strictSame(await post(affitor, endpoint, {}, 'Bearer wrong'), [401, errorBody(401, 'Invalid API token')])
  }
  t.strictSame(await post(affitor, 'lead', {}, 'Bearer wrong'), [401, errorBody(401, 'Invalid API token')])
  t.notMatch(JSON.stringify(affitor.calls()), /wrong/, 'no token is kept')
})

t.test('sale: documented refusals', async (t) => {
  const affitor = await startAffitor(t, { partners: [{ code: 'TESTCODE', commissionRate: 0.2 }, { code: 'OTHER', commissionRate: 0.2, programId: '7' }] })
  const sdk = client(affitor)
  const bearer = `Bearer ${affitor.apiKey}`
  const sale = { transaction_id: 'in_1', amount_cents: 100, customer_key: 'user_1' }
  const cases: Array<[unknown, string]> = [
    [{ ...sale, transaction_id: undefined }, 'transaction_id is required and must be a string'],
    [{ ...sale, transaction_id: 7 }, 'transaction_id is required and must be a string'],
    [{ ...sale, amount_cents: undefined }, 'amount_cents is required and must be a positive integer'],
    [{ ...sale, amount_cents: 0 }, 'amount_cents is required and must be a positive integer'],
    [{ ...sale, amount_cents: 1.5 }, 'amount_cents is required and must be a positive integer'],
    [{ ...sale, amount_cents: '100' }, 'amount_cents is required and must be a positive integer'],
    [{ ...sale, currency: 'usd' }, 'currency must be an ISO 4217 code in upper case'],
    [{ ...sale, sale_type: 'gift' }, 'sale_type must be payment or subscription'],
    [{ ...sale, is_recurring: 'yes' }, 'is_recurring must be a boolean'],
    [{ ...sale, subscription_interval: 'weekly' }, 'subscription_interval must be monthly, quarterly or annual'],
    [sale, 'Customer not found. Provide customer_key or click_id.'],
    [{ ...sale, customer_key: undefined }, 'Customer not found. Provide customer_key or click_id.'],
    [{ ...sale, click_id: await affitor.click('OTHER') }, 'No affiliate attribution found for this customer in this program']
  ]
  for (const [body, error] of cases) t.strictSame(await post(affitor, 'sale', body, bearer), [400, errorBody(400, error)])
  t.equal(affitor.sandbox.affitorState.sales.length, 0)

  t.match(await sdk.trackSale({ clickId: await affitor.click(), amount: 100, invoiceId: 'in_1' }), { ok: true }, 'by click id alone')
})

t.test('409: a transaction id is recorded once', async (t) => {
  const affitor = await startAffitor(t)
  const sdk = client(affitor)
  await sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
  const sale = { customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1' }
  const results = await Promise.all([sdk.trackSale(sale), sdk.trackSale(sale), sdk.trackSale(sale)])
  t.strictSame(results.map((result) => result.status).sort(), [200, 409, 409])
  t.strictSame(results.find((result) => !result.ok)?.data, errorBody(409, 'Duplicate transaction_id. This sale has already been recorded.'))
  t.equal(affitor.sandbox.affitorState.commissions.length, 1)
})

t.test('a sale after the attribution window, in both documented answers', async (t) => {
  for (const expiredSale of ['not_attributed', 'without_commission'] as const) {
    let now = new Date('2026-01-01T00:00:00Z')
    const affitor = await startAffitor(t, { expiredSale, now: () => now })
    const sdk = client(affitor)
    await sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
    now = new Date(now.getTime() + 60 * DAY_MS)
    t.match((await sdk.trackSale({ customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1' })).data, { commission_id: 1 }, 'the last day counts')
    now = new Date(now.getTime() + 15.5 * DAY_MS)
    const result = await sdk.trackSale({ customerExternalId: 'user_1', amount: 100, invoiceId: 'in_2' })
    if (expiredSale === 'not_attributed') {
      t.strictSame(result.data, {
        success: true, attributed: false, reason: 'attribution_window_expired', click_age_days: 75, window_days: 60, sale_id: null, commission_id: null
      })
      t.equal((await sdk.trackRefund({ invoiceId: 'in_2' })).status, 404)
    } else {
      t.match(result.data, { success: true, sale_id: 2, commission_id: null, message: /window expired/ })
      t.match((await sdk.trackRefund({ invoiceId: 'in_2' })).data, { success: true, status: 'no_commission', message: 'Sale has no commission to reverse' })
    }
  }
})

t.test('refund: whole, in part, again, unknown', async (t) => {
  const affitor = await startAffitor(t)
  const sdk = client(affitor)
  await sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
  for (const invoiceId of ['in_1', 'in_2', 'in_3']) await sdk.trackSale({ customerExternalId: 'user_1', amount: 999, invoiceId })
  await sdk.trackSale({ customerExternalId: 'user_1', amount: 50_000, invoiceId: 'in_vnd', currency: 'VND' })

  t.strictSame((await sdk.trackRefund({ invoiceId: 'in_1' })).data, { success: true, status: 'reversed', deductionAmount: 2, commission_id: 1 })
  t.strictSame((await sdk.trackRefund({ invoiceId: 'in_1' })).data, { success: true, status: 'skipped', reason: 'already reversed', commission_id: 1 })
  t.match((await sdk.trackRefund({ invoiceId: 'in_2', refundAmountCents: 333 })).data, { status: 'refunded', deductionAmount: 0.67 })
  t.match((await sdk.trackRefund({ invoiceId: 'in_2', refundAmountCents: 333 })).data, { status: 'skipped', reason: 'already refunded' })
  t.match((await sdk.trackRefund({ invoiceId: 'in_3', refundAmountCents: 999 })).data, { status: 'reversed' }, 'the whole amount is a whole refund')
  t.match((await sdk.trackRefund({ invoiceId: 'in_vnd', refundAmountCents: 5000 })).data, { deductionAmount: 1000 }, 'VND has no cents')
  t.match(await sdk.trackRefund({ invoiceId: 'in_9' }), { status: 404, error: 'Sale not found for transaction_id' })

  const bearer = `Bearer ${affitor.apiKey}`
  t.strictSame(await post(affitor, 'refund', {}, bearer), [400, errorBody(400, 'transaction_id is required')])
  t.strictSame(await post(affitor, 'refund', { transaction_id: 'in_1', refund_amount_cents: -5 }, bearer), [400, errorBody(400, 'refund_amount_cents must be a positive integer')])
  t.strictSame(affitor.sandbox.affitorState.commissions.map(({ status, deductedCents }) => [status, deductedCents]), [
    ['reversed', 200], ['refunded', 67], ['reversed', 200], ['refunded', 1000]
  ])
})

t.test('test mode makes isolated records', async (t) => {
  const affitor = await startAffitor(t)
  const sdk = client(affitor)
  const additionalData = { test_mode: true }
  const answer = (kind: string, eventId: number) => ({
    success: true, message: `Test ${kind} event tracked successfully`, data: { eventId, programId: 42, test_mode: true }
  })
  t.strictSame((await sdk.trackLead({ customerExternalId: 'nobody', additionalData })).data, answer('lead', 1))
  t.strictSame((await sdk.trackSale({ customerExternalId: 'nobody', amount: 100, invoiceId: 'in_1', additionalData })).data, answer('sale', 2))
  t.equal((await sdk.trackSale({ customerExternalId: 'nobody', amount: 100, invoiceId: 'in_1', additionalData })).status, 409)
  t.strictSame((await sdk.trackRefund({ invoiceId: 'in_1', additionalData })).data, answer('refund', 3))

  const bearer = `Bearer ${affitor.apiKey}`
  t.match(await post(affitor, 'sale', { additional_data: { test_mode: true } }, bearer), [200, { data: { programId: 42 } }], 'no id and no amount')
  t.match(await post(affitor, 'sale', { additional_data: { test_mode: true } }, bearer), [200, { data: { programId: 42 } }], 'again')
  t.equal((await post(affitor, 'sale', { additional_data: { test_mode: true } }))[0], 401, 'a test sale needs the key')
  t.match(await post(affitor, 'click', { additional_data: { test_mode: true, program_id: '42' } }), [200, { data: { programId: 42 } }])
  t.match(await post(affitor, 'lead', { additional_data: { test_mode: true } }), [200, { data: { programId: null } }])
  const { customers, sales, commissions, testEvents } = affitor.sandbox.affitorState
  t.strictSame([customers.length, sales.length, commissions.length, testEvents.length], [0, 0, 0, 7])
})

t.test('a body that is not JSON is refused, and logged as a call', async (t) => {
  const affitor = await startAffitor(t)
  const [status, body] = await post(affitor, 'click', '{"affiliate_url":')
  t.equal(status, 400)
  t.match(body, { data: null, error: { name: String, message: String } })
  t.match(affitor.calls(), [{ body: null, status: 400, recorded: false }])
  const form = await fetch(`${affitor.url}/api/v1/track/click`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
  t.equal(form.status, 415)
  const unknown = await fetch(`${affitor.url}/api/v1/track/nothing`)
  t.strictSame([unknown.status, await unknown.json()], [404, errorBody(404, 'Route GET /api/v1/track/nothing not found')])
})
