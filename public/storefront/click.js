// @ts-check

/** Longest wait for the tracker to record a visitor's arrival, in milliseconds since the page was opened. */
const PATIENCE_MS = 3_000

/** @typedef {{ getClickId (): string | null }} Tracker what of Affitor's tracker is used here */

/** @returns {string | null} the click that the tracker knows; null also when the tracker did not load */
function knownClick () {
  const { affitor } = /** @type {{ affitor?: Tracker }} */ (/** @type {unknown} */ (window))
  return affitor?.getClickId() ?? null
}

/**
 * The click that brought the visitor, or null. Right after arriving through a partner's link it is still being
 * recorded, and worth a moment: without it the partner would not be paid.
 */
export async function clickId () {
  if (new URLSearchParams(location.search).has('aff')) {
    while (knownClick() === null && performance.now() < PATIENCE_MS) await new Promise(resolve => setTimeout(resolve, 50))
  }
  return knownClick()
}
