// @ts-check

/**
 * Runs an action of a button: it is marked busy, and does not start a second time meanwhile.
 * @param {HTMLElement} button
 * @param {() => Promise<void>} action
 */
export async function whileBusy (button, action) {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  try {
    await action()
  } finally {
    button.removeAttribute('aria-busy')
  }
}
