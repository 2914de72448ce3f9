import { recorded, refused } from '../answers.js'
import type { Answer } from '../answers.js'
import { authenticate } from '../auth.js'
import type { TrackingCallInput } from '../context.js'
import { additionalData, filledString, isTestMode, stringOrNull } from '../read.js'
import type { Body } from '../read.js'
import { recordTestEvent } from '../test-mode.js'
import type { Program } from '../program.js'
import type { Customer } from '../records.js'
import type { AffitorState } from '../state.js'

/**
 * https://docs.affitor.com/docs/api-reference/track-lead. The Bearer key is optional; a wrong one is
 * refused all the same.
 */
export function trackLead (state: AffitorState, program: Program, { body, authorization }: TrackingCallInput): Answer {
  const authenticated = authorization !== undefined
  if (authenticated) {
    const auth = authenticate(authorization, program.apiKey)
    if (!auth.ok) return refused(401, auth.error)
  }
  if (isTestMode(body)) return recordTestEvent(state, program, { kind: 'lead', body, authenticated })

  const clickId = filledString(body.click_id)
  const customerKey = filledString(body.customer_key)
  if (clickId === undefined && customerKey === undefined) return refused(400, 'click_id or customer_key is required')
  const customer = findCustomer(state, clickId, customerKey, filledString(body.email))
  if (customer === undefined) return refused(400, 'Customer not found. Provide a valid click_id or customer_key.')
  if (authenticated && customer.programId !== program.id) return refused(400, 'Customer does not belong to this program')
  if (customer.status !== 'click') {
    return refused(400, `Customer status cannot be updated to lead. Current status: ${customer.status}`)
  }
  const provisional = !authenticated && program.leadAuth === 'server_required'
  return provisional ? recordProvisional(state, program, customer, body) : recordLead(state, program, customer, body)
}

function findCustomer (state: AffitorState, clickId?: string, customerKey?: string, email?: string): Customer | undefined {
  return (clickId === undefined ? undefined : state.customerByClickId(clickId)) ??
    (customerKey === undefined ? undefined : state.customerByKey(customerKey)) ??
    (email === undefined ? undefined : state.customerByEmail(email))
}

function recordLead (state: AffitorState, program: Program, customer: Customer, body: Body): Answer {
  const customerKey = filledString(body.customer_key)
  const email = filledString(body.email)
  if (customerKey !== undefined) state.bindKey(customer, customerKey)
  if (email !== undefined) state.bindEmail(customer, email)
  customer.status = 'lead'
  addLead(state, program, customer, body, false)
  return recorded({ success: true, message: 'Lead tracked successfully' })
}

/** The status stays as it was, and no other customer loses a key: a browser is not proof enough. */
function recordProvisional (state: AffitorState, program: Program, customer: Customer, body: Body): Answer {
  const customerKey = filledString(body.customer_key)
  const email = filledString(body.email)
  if (customerKey !== undefined && customer.customerKey === null && state.customerByKey(customerKey) === undefined) {
    state.bindKey(customer, customerKey)
  }
  if (email !== undefined && state.customerByEmail(email) === undefined) state.bindEmail(customer, email)
  addLead(state, program, customer, body, true)
  return recorded({
    success: true,
    provisional: true,
    message: 'Lead recorded as provisional. This program requires server-side (Bearer) lead tracking to settle attribution.'
  })
}

function addLead (state: AffitorState, program: Program, customer: Customer, body: Body, provisional: boolean): void {
  state.addLead({
    customerId: customer.id,
    customerKey: stringOrNull(body.customer_key),
    provisional,
    eventName: stringOrNull(additionalData(body).event_name),
    at: program.now().toISOString()
  })
}
