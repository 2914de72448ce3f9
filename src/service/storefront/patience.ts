/** Longest that a page waits for Stripe, in milliseconds. */
export const PAGE_PATIENCE_MS = 2_000
