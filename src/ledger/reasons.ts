import { reasons } from '../../schemas/reasons.js'
import type { Reason, ReasonText } from '../../schemas/reasons.js'

export { reasons } from '../../schemas/reasons.js'
export type { Reason } from '../../schemas/reasons.js'

const textOf = (reason: string | null): ReasonText | undefined => reason === null ? undefined : reasons[reason as Reason]

/** Why an event that ended for this reason is not sent again, and what to do instead; undefined when it may be. */
export function retryRefusal (reason: string | null): string | undefined {
  const text = textOf(reason)
  return text?.notAgain === undefined ? undefined : `${text.notAgain} ${text.advice ?? ''}`.trim()
}

export const notRetryable = (Object.keys(reasons) as Reason[]).filter(reason => retryRefusal(reason) !== undefined)

/** Refunds, credit notes and lost disputes whose money came back to us. */
export const cameBack: Reason[] = ['refund_failed', 'refund_failed_after_sent', 'credit_note_voided', 'credit_note_voided_after_sent', 'dispute_won', 'dispute_won_after_reversal']

/** Of a refund that Affitor was asked for at most in vain: it took nothing back from the partner. */
export const tookNothingBack: Reason[] = ['later_refund_not_applied', 'sale_needs_attention', 'sale_unknown_to_affitor']

/** Of a refund that ended because of its sale: it is sent again with the sale. */
export const endedBySale: Reason[] = ['sale_not_attributed', 'sale_not_sent', 'sale_needs_attention']

/** The sentence of a stored reason; null for none. One of a later version is its own sentence. */
export function explain (reason: string | null): string | null {
  return textOf(reason)?.meaning ?? reason
}

/** What a person does about what ended for this reason; null when nothing needs to be done, or none is known. */
export function advise (reason: string | null): string | null {
  return textOf(reason)?.advice ?? null
}
