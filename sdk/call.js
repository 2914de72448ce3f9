// @ts-check
import * as classes from './error-classes.js'
import { AffitorServiceError, ConnectionError } from './errors.js'

/** Waits begin with this, in milliseconds, and double up to the cap; chance takes up to half, so that clients part. */
const BACKOFF_BASE_MS = 500
const BACKOFF_CAP_MS = 8_000

/** When the service asks for a longer wait than this, the caller is told instead of left waiting. */
const LONGEST_WAIT_SECONDS = 60

const PASSING = [408, 425, 429]

/**
 * Calls an operation, again while that is safe and may help.
 * @param {any} client
 * @param {import('./types.js').Operation} operation
 * @param {object} parameters
 * @param {import('./types.js').KeyedCallOptions & { timeoutMs: number, maxRetries: number }} options
 * @returns {Promise<any>} the data of the answer
 * @throws {AffitorServiceError}
 */
export async function call (client, operation, parameters, options) {
  const request = requestOf(operation, parameters, options)
  for (let retries = 0; ; retries++) {
    try {
      return await attempt(client, operation, request, options)
    } catch (error) {
      if (operation.repeatable !== true || retries >= options.maxRetries || !isPassing(error)) throw error
      const backoffMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** retries) * (1 - Math.random() / 2)
      await wait(Math.max(backoffMs, (error.retryAfterSeconds ?? 0) * 1000), options.signal)
    }
  }
}

/**
 * A page, and by `for await` all that it and the pages after it list.
 * @param {(parameters: object) => Promise<any>} read
 * @param {string} items
 * @param {object} parameters
 */
export function list (read, items, parameters) {
  const first = read(parameters)
  async function * each () {
    for (let page = await first; ; page = await read({ ...parameters, cursor: page.nextCursor })) {
      yield * page[items]
      if (page.nextCursor === null) return
    }
  }
  return Object.assign(first, { [Symbol.asyncIterator]: each })
}

/**
 * @param {import('./types.js').Operation} operation
 * @param {object} parameters
 * @param {import('./types.js').KeyedCallOptions} options
 */
function requestOf ({ method, path, hasKey, isText }, parameters, { headers, idempotencyKey = newKey() }) {
  const fields = Object.entries(parameters)
  const inPath = Object.fromEntries(fields.filter(([name]) => path.includes(`{${name}}`)))
  const rest = fields.filter(([name]) => !(name in inPath))
  const query = method === 'GET' ? Object.fromEntries(rest) : {}
  const body = method !== 'GET' && rest.length > 0 ? Object.fromEntries(rest) : undefined
  const key = hasKey === true ? { 'idempotency-key': idempotencyKey } : {}
  return { params: { path: inPath, query }, body, headers: { ...key, ...headers }, parseAs: isText === true ? 'text' : 'json' }
}

/** `randomUUID` is missing on pages without HTTPS. */
function newKey () {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * @param {any} client
 * @param {import('./types.js').Operation} operation
 * @param {object} request
 * @param {{ timeoutMs: number, signal?: AbortSignal | undefined }} options
 */
async function attempt (client, { method, path }, request, { timeoutMs, signal }) {
  signal?.throwIfAborted()
  // By hand: AbortSignal.any holds on to a signal that outlives many calls.
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  signal?.addEventListener('abort', abort)
  try {
    const { data, error, response } = await client[method](path, { ...request, signal: controller.signal })
    if (error !== undefined) throw new (Object.values(classes).find(({ status }) => status === response.status) ?? AffitorServiceError)(error, response)
    return data
  } catch (cause) {
    if (cause instanceof AffitorServiceError) throw cause
    signal?.throwIfAborted()
    const [code, message] = controller.signal.aborted
      ? ['TIMEOUT', `No answer came within ${timeoutMs} ms.`]
      : ['NO_ANSWER', `No answer came: ${cause instanceof Error ? cause.message : cause}`]
    throw new ConnectionError({ code, message }, undefined, { cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/**
 * @param {unknown} error
 * @returns {error is AffitorServiceError}
 */
function isPassing (error) {
  if (!(error instanceof AffitorServiceError) || (error.retryAfterSeconds ?? 0) > LONGEST_WAIT_SECONDS) return false
  return error.status === undefined || error.status >= 500 || PASSING.includes(error.status)
}

/**
 * Ends early when the signal does: the attempt that follows rejects then.
 * @param {number} durationMs
 * @param {AbortSignal} [signal]
 */
async function wait (durationMs, signal) {
  await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, durationMs)
    signal?.addEventListener('abort', end)
  })
}
