// @ts-check

/**
 * Asks the stand-in that this page comes from.
 * @param {string} method
 * @param {string} path below `/_sandbox`
 * @param {object} [body]
 * @returns {Promise<any>} the answer's JSON, or null without any
 * @throws {Error} which says in words why not
 */
export async function ask (method, path, body) {
  const response = await fetch(`/_sandbox${path}`, {
    method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
  }).catch(() => { throw new Error('The stand-in cannot be reached. Is it still running?') })
  const text = await response.text()
  const answer = text === '' ? null : JSON.parse(text)
  if (!response.ok) throw new Error(refusal(response.status, answer))
  return answer
}

/**
 * The stand-ins say what they refuse in `message` (Stripe's) or in `error` (Affitor's).
 * @param {number} status
 * @param {{ message?: string, error?: string } | null} answer
 */
function refusal (status, answer) {
  return answer?.message ?? answer?.error ?? `The stand-in answered with status ${status}.`
}
