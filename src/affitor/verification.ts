import { Affitor, AffitorApiError } from '@affitor/sdk/server'
import { parseRetryAfter } from './client.js'
import { redactor } from './redact.js'

export interface VerificationOptions {
  apiKey: string
  apiUrl: string
}

/** What Affitor answered when it was asked about the program; no key is in it. */
export interface VerificationAnswer {
  status: number
  /** The parsed body; null when it was none. */
  data: unknown
  /** Affitor's words when the status is no success; null when it gave none. */
  error: string | null
  /** How long it asks to be left alone, in seconds; null when it does not say. */
  retryAfterSeconds: number | null
}

/**
 * Asks how the program of the key stands.
 * @throws {TypeError} for a key or an address that cannot be used, and when there is no answer
 */
export async function askReadiness ({ apiKey, apiUrl }: VerificationOptions, signal: AbortSignal): Promise<VerificationAnswer> {
  const redact = redactor(apiKey)
  // The documented interface takes no signal, but it takes a fetch.
  const affitor = new Affitor({ apiKey, apiUrl, fetch: (input, init) => fetch(input, { ...init, signal }) })
  try {
    return { status: 200, data: redact<unknown>(await affitor.readiness()), error: null, retryAfterSeconds: null }
  } catch (error) {
    if (!(error instanceof AffitorApiError)) throw error
    const { status, body, retryAfterSeconds = null } = error
    return { status, data: redact(body), error: errorText(body), retryAfterSeconds }
  }
}

/**
 * Lets Affitor make a click, a lead and a sale of its own, and tell which of them were attributed. It costs one of ten an
 * hour. https://docs.affitor.com/openapi.yaml
 * @throws {TypeError} when there is no answer
 */
export async function runTestChain ({ apiKey, apiUrl }: VerificationOptions, signal: AbortSignal): Promise<VerificationAnswer> {
  const redact = redactor(apiKey)
  const response = await fetch(`${apiUrl.trim().replace(/\/+$/, '')}/api/v1/cli/test-event`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ type: 'chain' }),
    signal
  })
  const data = redact(parse(await response.text()))
  const waitMs = parseRetryAfter(response.headers.get('retry-after'), Date.now())
  const told = asRecord(asRecord(data).error).retry_after_seconds
  return {
    status: response.status,
    data,
    error: response.ok ? null : errorText(data),
    retryAfterSeconds: waitMs !== null ? Math.ceil(waitMs / 1000) : typeof told === 'number' ? told : null
  }
}

/** Affitor's errors have three shapes: `{ error: "text" }`, `{ error: "Conflict", message }` and `{ error: { message } }`. */
function errorText (data: unknown): string | null {
  const { error, message } = asRecord(data)
  const texts = [asRecord(error).message, message, error, asRecord(error).code]
  return texts.find((text): text is string => typeof text === 'string' && text.trim() !== '') ?? null
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function asRecord (value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {}
}
