import { recorded, refused, unchanged } from '../answers.js'
import type { Answer } from '../answers.js'
import type { TrackingCallInput } from '../context.js'
import { filledString, isTestMode, stringOrNull } from '../read.js'
import { recordTestEvent } from '../test-mode.js'
import type { Program } from '../program.js'
import type { Customer } from '../records.js'
import type { AffitorState } from '../state.js'

/** https://docs.affitor.com/docs/api-reference/track-click. No authentication. */
export function trackClick (state: AffitorState, program: Program, { body, userAgent }: TrackingCallInput): Answer {
  if (isTestMode(body)) return recordTestEvent(state, program, { kind: 'click', body, authenticated: false })

  const affiliateUrl = filledString(body.affiliate_url)
  if (affiliateUrl === undefined) return refused(400, 'affiliate_url is required')
  if (!URL.canParse(affiliateUrl)) return refused(400, 'Invalid affiliate_url')
  const code = new URL(affiliateUrl).searchParams.get('aff')
  if (code === null || code === '') return refused(400, 'No aff parameter found in affiliate_url')
  const partner = program.partners.get(code)
  if (partner === undefined) return refused(400, 'Referral link not found')
  if (partner.status === 'misconfigured') return refused(400, 'Invalid referral link configuration')
  if (partner.status === 'inactive') return unchanged({ success: false, message: 'Referral link is inactive' })

  const at = program.now()
  const programId = partner.programId ?? program.id
  const customer = sameVisitor(state, programId, body.existing_click_id) ?? state.addCustomer(programId, code, at)
  customer.partnerCode = code
  customer.lastClickAt = at.toISOString()
  state.addClick({
    customerId: customer.id,
    clickId: customer.clickId,
    partnerCode: code,
    affiliateUrl,
    pageUrl: stringOrNull(body.page_url),
    referrerUrl: stringOrNull(body.referrer_url),
    userAgent: filledString(body.user_agent) ?? userAgent ?? null,
    at: at.toISOString()
  })
  return recorded({
    success: true, click_id: customer.clickId, partner_code: code, cookie_window_days: program.cookieWindowDays
  })
}

function sameVisitor (state: AffitorState, programId: string, existingClickId: unknown): Customer | undefined {
  const clickId = filledString(existingClickId)
  const customer = clickId === undefined ? undefined : state.customerByClickId(clickId)
  return customer?.programId === programId ? customer : undefined
}
