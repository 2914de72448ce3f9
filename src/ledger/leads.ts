const PREFIX = 'customer:'

/** How `waiting_for` names the lead of a customer, as `affitor.lead_of` does; no Stripe id has a colon. */
export function leadOf (customerKey: string): string {
  return PREFIX + customerKey
}

/** Whose lead is named; undefined when it is something else. */
export function customerOfLead (reference: string): string | undefined {
  return reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : undefined
}
