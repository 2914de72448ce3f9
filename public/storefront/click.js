// @ts-check

/** Longest wait for the tracker, in milliseconds since the page was opened. */
const PATIENCE_MS = 3_000

/** @typedef {{ getClickId (): string | null }} Tracker what of Affitor's tracker is used here */

/** @returns {string | null} the click that the tracker knows; null also when the tracker did not load */
function knownClick () {
  const { affitor } = /** @type {{ affitor?: Tracker }} */ (/** @type {unknown} */ (window))
  return affitor?.getClickId() ?? null
}

/**
 * The click that brought the visitor, or null. While the tracker loads, or records an arrival through a partner's
 * link, that is worth a moment: without the click the partner would not be paid.
 */
export async function clickId () {
  const isArriving = () => document.readyState !== 'complete' || new URLSearchParams(location.search).has('aff')
  while (knownClick() === null && isArriving() && performance.now() < PATIENCE_MS) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return knownClick()
}
