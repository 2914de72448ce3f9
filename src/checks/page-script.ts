/**
 * What is evaluated in the page, beside its own scripts and unseen by them. It is text, and not functions turned into text,
 * because loaders and compilers rewrite functions.
 */

/** The tags of scripts, as `TrackerTag` has them. A script that a script puts in is never waited for. */
export const SCRIPT_TAGS = String.raw`[...document.querySelectorAll('script[src]')].map(tag => ({
  src: tag.src,
  programId: tag.getAttribute('data-affitor-program-id'),
  apiBase: tag.getAttribute('data-affitor-api-base'),
  isDeferred: tag.defer || tag.async
}))`

/**
 * Fills a signup form that can be seen with made-up values, and sends it. Resolves to 'no_form' where there is none, else
 * to 'sent'.
 */
export const submitSignup = (email: string, password: string): string => String.raw`(async ([email, password]) => {
  const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
  const isShown = field => field.getClientRects().length > 0 && getComputedStyle(field).visibility !== 'hidden'
  const isEmail = field => field.type === 'email' ||
    (field.type === 'text' && /e-?mail/i.test([field.name, field.id, field.autocomplete, field.placeholder].join(' ')))
  const wordsOf = button => button.innerText || button.value || button.getAttribute('aria-label') || ''

  function findForm () {
    for (const field of document.querySelectorAll('input')) {
      if (!isEmail(field) || !isShown(field)) continue
      let form = field.form
      for (let around = field.parentElement; form === null && around !== null; around = around.parentElement) {
        if (around.querySelector('button, input[type=submit]') !== null) form = around
      }
      if (form === null) continue
      const fields = [...form.querySelectorAll('input, textarea, select')].filter(isShown)
      const passwords = fields.filter(other => other.type === 'password')
      const button = form.querySelector('[type=submit], button:not([type])') ?? form.querySelector('button')
      const words = button === null ? '' : wordsOf(button)
      const isOf = kind => passwords.some(other => other.autocomplete === kind)
      const saysSignup = /\b(sign[ -]?up|register|create|join|get started|start|try)\b/i.test(words)
      const saysLogin = /\b(log|sign)[ -]?in\b/i.test(words)
      const asksForNew = !isOf('current-password') && (saysSignup || (passwords.length > 0 && !saysLogin))
      if (isOf('new-password') || asksForNew) return { form, fields, button }
    }
  }

  function fill (field) {
    if (field.disabled || field.readOnly) return
    const values = { email, password, tel: '+12025550123', url: 'https://example.com', number: field.min || '1', date: '1990-01-01', text: 'Verify', textarea: 'Verify', search: 'Verify' }
    if (field.type === 'checkbox' || field.type === 'radio') {
      if (field.required && !field.checked) field.click()
      return
    }
    if (field.tagName === 'SELECT') {
      if (field.required && field.value === '') field.value = [...field.options].map(option => option.value).find(value => value !== '') ?? ''
    } else {
      const value = isEmail(field) ? email : values[field.type]
      if (value === undefined) return
      field.value = value
    }
    // By these events frameworks learn of it.
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new Event('change', { bubbles: true }))
    field.dispatchEvent(new Event('blur'))
  }

  let found = findForm()
  // A framework may still be putting it in.
  for (let tries = 0; found === undefined && tries < 5; tries++) {
    await pause(100)
    found = findForm()
  }
  if (found === undefined) return 'no_form'
  const { form, fields, button } = found
  fields.forEach(fill)
  // A button that waits for valid values, or for its script.
  for (let tries = 0; button !== null && button.disabled && tries < 10; tries++) await pause(100)
  await pause(50)
  if (button !== null) button.click()
  else if (form.requestSubmit !== undefined) form.requestSubmit()
  return 'sent'
})(${JSON.stringify([email, password])})`
