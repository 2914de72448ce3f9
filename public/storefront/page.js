// @ts-check

/**
 * The element with this id, of this kind.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 */
export function element (id, kind) {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`The page lacks its ${id}`)
  return found
}

/** Address of the store's front page. */
export const home = `${document.body.dataset.basePath}/`

/**
 * Shows a message, or with an empty one hides it.
 * @param {HTMLElement} notice
 * @param {string} message
 */
export function say (notice, message) {
  notice.textContent = message
  notice.hidden = message === ''
}

/**
 * Opens another page. Resolves only when the browser brings this one back as it was, so that a button stays busy
 * while the other page loads.
 * @param {string} address
 * @returns {Promise<void>}
 */
export function leaveFor (address) {
  return new Promise(resolve => {
    addEventListener('pageshow', () => resolve(), { once: true })
    location.assign(address)
  })
}
