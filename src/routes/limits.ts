/** A user's request is small, in bytes. */
export const BODY_LIMIT = 16 * 1024
/** Stripe's events are some kilobytes; those with many line items reach hundreds, in bytes. */
export const WEBHOOK_BODY_LIMIT = 1024 * 1024
