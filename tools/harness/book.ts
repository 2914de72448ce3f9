/** What the service has acknowledged, and what happened at Stripe: what Affitor must hold in the end. */
export class Book {
  /** Signups that were answered 201, or 409 after an answer that was lost: by user id. */
  readonly signups = new Map<string, { clickId: string | undefined }>()
  /** Checkout Sessions whose creation was answered 201: the user's id. */
  readonly checkouts = new Map<string, string>()
  /** Stripe events that were answered 200: their type. */
  readonly events = new Map<string, string>()
  /** Payments, by the transaction id that they must have. */
  readonly sales = new Map<string, { customerKey: string, amountCents: number, currency: string }>()
  /** Refunds, by their own id; one a sale. */
  readonly refunds = new Map<string, { saleTransactionId: string, amountCents: number }>()

  get facts (): number { return this.signups.size + this.sales.size + this.refunds.size }
}
