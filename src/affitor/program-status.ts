import type { ProgramStatus } from '../../schemas/reports.js'
import { ApiError } from '../errors.js'
import { redactor } from './redact.js'

export interface ProgramStatusOptions {
  apiKey: string
  apiUrl: string
  programId: string
}

/** Longest wait for Affitor, in milliseconds: a person waits for the answer. */
const TIMEOUT_MS = 3_000
/** How long an answer, or the lack of one, is good for, in milliseconds: a page asks every few seconds. */
const LIFETIME_MS = 30_000

/** The part of Affitor's answer that is shown (Affitor's API reference, `GET /api/v1/programs/me/readiness`). */
interface Readiness {
  state?: unknown
  blocker?: unknown
  counts_24h?: { clicks?: unknown } | null
}

/** Returns a function that asks Affitor how the program stands, at most once in half a minute. */
export function programStatusReader ({ apiKey, apiUrl, programId }: ProgramStatusOptions): () => Promise<ProgramStatus> {
  const redact = redactor(apiKey)
  let last: { at: number, answer: Promise<ProgramStatus> } | undefined

  async function ask (): Promise<ProgramStatus> {
    const readiness = await fetchReadiness(`${apiUrl}/api/v1/programs/me/readiness`, apiKey)
    const clicks = readiness.counts_24h?.clicks
    return {
      programId,
      state: redact(String(readiness.state)),
      blocker: typeof readiness.blocker === 'string' ? redact(readiness.blocker) : null,
      clicks24h: typeof clicks === 'number' ? clicks : null,
      checkedAt: new Date().toISOString()
    }
  }

  return async () => {
    if (last === undefined || performance.now() - last.at > LIFETIME_MS) last = { at: performance.now(), answer: ask() }
    return await last.answer
  }
}

/** @throws {ApiError} AFFITOR_UNAVAILABLE, in words for the operator */
async function fetchReadiness (url: string, apiKey: string): Promise<Readiness> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` }, signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.ok) return await response.json() as Readiness
    await response.body?.cancel()
    throw new ApiError('AFFITOR_UNAVAILABLE', response.status === 401
      ? 'Affitor refuses AFFITOR_API_KEY.'
      : `Affitor answered ${response.status} when asked for the program.`)
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError('AFFITOR_UNAVAILABLE', undefined, { cause: error })
  }
}
