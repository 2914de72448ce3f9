// Generated from openapi.json by `npm run generate`.

import type { KeyedCallOptions, ListMethod, Method, Operation } from './types.js'

export declare const operations: Record<keyof Methods, Operation>

/** The operations of the API by name. */
export interface Methods {
  /** Sign up. Stores the user and the lead together, and answers without waiting for Affitor. */
  createUser: Method<'createUser', KeyedCallOptions>
  /** Log in. Takes the same time whether or not the e-mail is known. */
  logIn: Method<'logIn'>
  /** Log out. Removes the cookie from the browser; whoever has none is logged out already. A token that was kept elsewhere stays valid until it expires. */
  logOut: Method<'logOut'>
  /** Start a checkout. Creates a Stripe Checkout Session that carries the attribution. The buyer is the authenticated user. */
  createCheckout: Method<'createCheckout', KeyedCallOptions>
  /** Find customers. By e-mail, customer key, any id of Stripe, transaction id or click id: the customers that it belongs to, and why it matched. */
  searchCustomers: Method<'searchCustomers'>
  /** Say what needs a person. What needs attention, by reason, each with what to do about it. */
  getAttention: Method<'getAttention'>
  /** Send all facts of one reason again. All that need attention for this reason, each as if it alone were retried. 409 where sending again would be wrong. */
  retryByReason: Method<'retryByReason'>
  /** Say that a person has dealt with all facts of one reason. All that need attention for this reason, each with the same note. */
  resolveByReason: Method<'resolveByReason'>
  /** List tracking events. Newest first, a page at a time. */
  listTrackingEvents: ListMethod<'listTrackingEvents', 'events'>
  /** Get a tracking event. One fact, and what became of it. */
  getTrackingEvent: Method<'getTrackingEvent'>
  /** Take a tracking event out of line. For pending events: it needs attention then, and its customer's later ones go on, but for refunds of a sale that was taken out. 409 while it is being sent. A retry sends it after all. */
  holdTrackingEvent: Method<'holdTrackingEvent'>
  /** Say that a person has dealt with a tracking event. For events that need attention: it leaves them, and stays in the story with the note. Nothing is sent. A retry, or a reopening, undoes it. 409 when it needs no attention. */
  resolveTrackingEvent: Method<'resolveTrackingEvent'>
  /** Have a tracking event need attention again. Undoes its resolution. 409 when it is not resolved. */
  reopenTrackingEvent: Method<'reopenTrackingEvent'>
  /** Send a tracking event again. For events that need attention, were refused, or were not attributed: the next attempt is made at once. With a sale go the refunds that ended because of it. 409 where sending again would be wrong: `retryable` tells before. */
  retryTrackingEvent: Method<'retryTrackingEvent'>
  /** Export tracking events as CSV. What the list shows with the same filters, newest first, as a file: at most 50,000 rows. The header `x-truncated` is `true` when there are more: narrow the filters then. Amounts are in the currency's smallest unit. */
  exportTrackingEvents: Method<'exportTrackingEvents'>
  /** List stored Stripe events. Newest first, a page at a time, each with what was made of it and why. */
  listStripeEvents: ListMethod<'listStripeEvents', 'events'>
  /** Get a stored Stripe event. One event, what was made of it and why. */
  getStripeEvent: Method<'getStripeEvent'>
  /** Say that a person has dealt with a Stripe event. For events that could not be read: it no longer needs attention, and stays in the story with the note. Reading it again, or reopening it, undoes that. 409 when it needs no attention. */
  resolveStripeEvent: Method<'resolveStripeEvent'>
  /** Have a Stripe event need attention again. Undoes its resolution. 409 when it is not resolved. */
  reopenStripeEvent: Method<'reopenStripeEvent'>
  /** Read a Stripe event again. Has a stored event interpreted again at once, after a rule or a setting has changed. A fact that is in the ledger stays as it is. */
  retryStripeEvent: Method<'retryStripeEvent'>
  /** Tell a customer's story. Click, lead, sessions, sales, renewals, refunds and every attempt, in order, each with why it was not attributed if it was not. */
  getCustomerStory: Method<'getCustomerStory'>
  /** Delete a customer's personal data. Removes e-mail, click id, and what else tells who the customer is, from facts, Stripe events, attempts and notes, and from what still comes. Amounts and ids stay, so that nothing is counted twice. 409 while something of the customer is on its way. */
  deletePersonalData: Method<'deletePersonalData'>
  /** Export a customer. Everything that is stored of one customer, as a file. */
  exportCustomer: Method<'exportCustomer'>
  /** Summarise the ledger. Counts of facts and of stored Stripe events by state, how long the oldest pending fact has waited, and whether delivery is paused. */
  getTrackingSummary: Method<'getTrackingSummary'>
  /** Report the funnel. Leads, checkouts and sales of a period, with revenue, refunds and commission per currency. The last 24 hours by default. */
  getTrackingFunnel: Method<'getTrackingFunnel'>
  /** Report deliveries over time. How many calls to Affitor were answered and how many failed, in buckets over a period. The last 24 hours by default. */
  getDeliveryReport: Method<'getDeliveryReport'>
  /** Say whether everything is connected right. What `npx fastify-affitor verify` checks, at most a minute old, without what takes a browser or is limited: the database and its workers, Stripe's key and endpoint, the webhook, Affitor's key and program, and what the facts so far show. */
  getChecks: Method<'getChecks'>
  /** Ask Affitor how the program stands. What Affitor says of the configured program, at most half a minute old. 503 while Affitor cannot be asked. */
  getProgramStatus: Method<'getProgramStatus'>
  /** Report a lead. A customer signed up. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared. */
  reportLead: Method<'reportLead'>
  /** Report a sale. A customer paid, by whatever provider. Not what Stripe tells of anyway: that would count twice, unless it is reported by the same id. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared. */
  reportSale: Method<'reportSale'>
  /** Report a refund. Money of a sale was given back, at most what is left of it. 404 while the sale is not known: report it again after the sale. 201 once it is stored; Affitor is told from then on. 200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; 409 when it was there with other content, whoever brought it. A field that is left out is not compared. */
  reportRefund: Method<'reportRefund'>
  /** Get what attributes a payment. The metadata to put on Stripe objects that the backend makes itself: on a Checkout Session, and, as renewals and refunds do not carry the session's, on its `subscription_data` or `payment_intent_data` too. */
  getAttribution: Method<'getAttribution'>
  /** Report a Stripe event. For a backend that receives Stripe's events itself. The event is fetched from Stripe by its id before it is believed, unless the request carries Stripe's `Stripe-Signature` and the body byte for byte. 200 once it is stored for good; event types that are not needed are answered 200 too. */
  reportStripeEvent: Method<'reportStripeEvent'>
  /** Is the process alive?. Answers as long as the process does. */
  getLiveness: Method<'getLiveness'>
  /** Can it serve?. 503 while the database is away, and from the signal to stop on. */
  getReadiness: Method<'getReadiness'>
}

/** What the service answers failures with. */
export type ServiceErrorCode =
  | 'INVALID_REQUEST'
  | 'INVALID_JSON'
  | 'INVALID_SIGNATURE'
  | 'UNSUPPORTED_EVENT'
  | 'UNKNOWN_STRIPE_EVENT'
  | 'IMPLAUSIBLE_FACT'
  | 'STRIPE_REJECTED'
  | 'UNAUTHORIZED'
  | 'OPERATOR_ONLY'
  | 'BACKEND_ONLY'
  | 'INVALID_CREDENTIALS'
  | 'CROSS_ORIGIN'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'REQUEST_TIMEOUT'
  | 'EMAIL_TAKEN'
  | 'CONFLICTING_FACT'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'NOT_RETRYABLE'
  | 'NOT_RESOLVABLE'
  | 'NOT_HOLDABLE'
  | 'CUSTOMER_BUSY'
  | 'BODY_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'RATE_LIMITED'
  | 'INTERNAL_ERROR'
  | 'STRIPE_MISCONFIGURED'
  | 'STRIPE_UNAVAILABLE'
  | 'AFFITOR_UNAVAILABLE'
  | 'DATABASE_UNAVAILABLE'
  | 'SHUTTING_DOWN'
  | 'OVERLOADED'
