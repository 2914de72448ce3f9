// @ts-check

/** Longest wait for the tracker, in milliseconds since the page was opened. */
const PATIENCE_MS = 10_000

/** @typedef {{ getClickId (): string | null }} Tracker what of Affitor's tracker is used here */

/** @returns {string | null} the click that the tracker knows; null also when the tracker did not load */
export function knownClick () {
  const { affitor } = /** @type {{ affitor?: Tracker }} */ (/** @type {unknown} */ (window))
  return affitor?.getClickId() ?? null
}

/** Whether a click may still become known: the tracker loads, or records an arrival through a partner's link. */
export function isArriving () {
  return document.readyState !== 'complete' || ('affitor' in window && new URLSearchParams(location.search).has('aff'))
}

/**
 * The click that brought the visitor, or null. While it may still become known, that is worth a moment: without the click the
 * partner would not be paid.
 */
export async function clickId () {
  while (knownClick() === null && isArriving() && performance.now() < PATIENCE_MS) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return knownClick()
}
