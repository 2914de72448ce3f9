import { errorBody, recorded, refused, unchanged } from '../answers.js'
import type { Answer } from '../answers.js'
import { authenticate } from '../auth.js'
import type { TrackingCallInput } from '../context.js'
import { isAbsent, isTestMode } from '../read.js'
import type { Body } from '../read.js'
import { readSale } from '../sale-input.js'
import type { SaleInput } from '../sale-input.js'
import { recordTestEvent } from '../test-mode.js'
import type { Partner, Program } from '../program.js'
import type { Customer } from '../records.js'
import type { AffitorState } from '../state.js'

const DAY_MS = 86_400_000
const DUPLICATE = 'Duplicate transaction_id. This sale has already been recorded.'

/** https://docs.affitor.com/docs/api-reference/track-sale. The Bearer key is required. */
export function trackSale (state: AffitorState, program: Program, { body, authorization, commissionFails }: TrackingCallInput): Answer {
  const auth = authenticate(authorization, program.apiKey)
  if (!auth.ok) return refused(401, auth.error)
  if (isTestMode(body)) return trackTestSale(state, program, body)

  const input = readSale(body)
  if (typeof input === 'string') return refused(400, input)
  if (state.isTransactionIdUsed(input.transactionId)) return refused(409, DUPLICATE)

  const customer = findCustomer(state, input)
  if (customer === undefined) return refused(400, 'Customer not found. Provide customer_key or click_id.')
  if (customer.programId !== program.id) return refused(400, 'No affiliate attribution found for this customer in this program')
  const partner = program.partners.get(customer.partnerCode)
  if (partner === undefined) return refused(400, 'No partner-program relationship found for this customer')
  if (partner.status === 'misconfigured') return refused(400, 'partnerId required to create commission')

  const clickAgeDays = (program.now().getTime() - Date.parse(customer.firstClickAt)) / DAY_MS
  if (clickAgeDays > program.attributionWindowDays) return expired(state, program, customer, input, clickAgeDays)
  return attributed(state, program, customer, partner, input, commissionFails)
}

/** In test mode, the transaction id and the amount may be absent, and no customer is looked up. */
function trackTestSale (state: AffitorState, program: Program, body: Body): Answer {
  const input = readSale({ ...body, transaction_id: body.transaction_id ?? `test_txn_${program.now().getTime()}`, amount_cents: body.amount_cents ?? 1 })
  if (typeof input === 'string') return refused(400, input)
  const { transactionId } = input
  if (isAbsent(body.transaction_id)) return recordTestEvent(state, program, { kind: 'sale', body, authenticated: true })
  if (state.isTransactionIdUsed(transactionId)) return refused(409, DUPLICATE)
  return recordTestEvent(state, program, { kind: 'sale', body, authenticated: true, transactionId })
}

function findCustomer (state: AffitorState, { customerKey, clickId }: SaleInput): Customer | undefined {
  return (customerKey === undefined ? undefined : state.customerByKey(customerKey)) ??
    (clickId === undefined ? undefined : state.customerByClickId(clickId))
}

function attributed (
  state: AffitorState, program: Program, customer: Customer, partner: Partner, input: SaleInput, commissionFails: boolean
): Answer {
  const sale = addSale(state, program, customer, input)
  customer.status = 'conversion'
  if (input.customerKey !== undefined && customer.customerKey === null) state.bindKey(customer, input.customerKey)
  // Affitor documents this failure: the sale is stored and its id is used up, without a commission.
  if (commissionFails) return { status: 500, body: errorBody(500, 'Failed to create commission'), recorded: true }
  const commission = state.addCommission(sale, {
    partnerCode: partner.code,
    amountCents: commissionCents(input.amountCents, partner.productRates?.[input.productId ?? ''] ?? partner.commissionRate),
    currency: sale.currency,
    status: 'pending',
    deductedCents: 0,
    at: sale.at
  })
  return recorded({ success: true, sale_id: sale.id, commission_id: commission.id, message: 'Sale tracked successfully' })
}

/** Affitor documents two answers: the options of the stand-in choose between them. */
function expired (state: AffitorState, program: Program, customer: Customer, input: SaleInput, clickAgeDays: number): Answer {
  if (program.expiredSale === 'not_attributed') {
    return unchanged({
      success: true,
      attributed: false,
      reason: 'attribution_window_expired',
      click_age_days: Math.floor(clickAgeDays),
      window_days: program.attributionWindowDays,
      sale_id: null,
      commission_id: null
    })
  }
  const sale = addSale(state, program, customer, input)
  return recorded({
    success: true, sale_id: sale.id, commission_id: null, message: 'Sale tracked — attribution window expired, no commission created'
  })
}

function addSale (state: AffitorState, program: Program, customer: Customer, input: SaleInput) {
  const { clickId, customerKey, ...fields } = input
  return state.addSale({
    ...fields, customerKey: customerKey ?? null, customerId: customer.id, commissionId: null, at: program.now().toISOString()
  })
}

/** The rate is taken to four decimals and as an integer: 0.07 * 100 is not 7 in floating point. */
function commissionCents (amountCents: number, rate: number): number {
  return Math.round(amountCents * Math.round(rate * 10_000) / 10_000)
}
