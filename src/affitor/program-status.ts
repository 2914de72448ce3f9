import { Affitor, AffitorApiError } from '@affitor/sdk/server'
import type { ProgramStatus } from '../../schemas/reports.js'
import { ApiError } from '../errors.js'
import { recentAnswer } from '../recent-answer.js'
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

/** The part of Affitor's answer that is shown; it may lack whatever the documents promise. */
interface Readiness {
  state: string
  blocker?: unknown
  counts_24h?: { clicks?: unknown } | null
}

/** Returns a function that asks Affitor how the program stands, at most once in half a minute. */
export function programStatusReader ({ apiKey, apiUrl, programId }: ProgramStatusOptions): () => Promise<ProgramStatus> {
  const redact = redactor(apiKey)
  // The documented interface takes no time-out, but it takes a fetch.
  const affitor = new Affitor({ apiKey, apiUrl, fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }) })

  return recentAnswer(LIFETIME_MS, async () => {
    const readiness = await readReadiness(affitor)
    const clicks = readiness.counts_24h?.clicks
    return {
      programId,
      state: redact(readiness.state),
      blocker: typeof readiness.blocker === 'string' ? redact(readiness.blocker) : null,
      clicks24h: typeof clicks === 'number' ? clicks : null,
      checkedAt: new Date().toISOString()
    }
  })
}

/** @throws {ApiError} AFFITOR_UNAVAILABLE, in words for the operator */
async function readReadiness (affitor: Affitor): Promise<Readiness> {
  try {
    const readiness: Partial<Readiness> | null = await affitor.readiness()
    if (typeof readiness?.state !== 'string') throw new TypeError('Affitor said nothing of the program')
    return readiness as Readiness
  } catch (error) {
    if (!(error instanceof AffitorApiError)) throw new ApiError('AFFITOR_UNAVAILABLE', undefined, { cause: error })
    throw new ApiError('AFFITOR_UNAVAILABLE', error.status === 401
      ? 'Affitor refuses AFFITOR_API_KEY.'
      : `Affitor answered ${error.status} when asked for the program.`)
  }
}
