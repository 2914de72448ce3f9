import type { InstallationChecks } from '../../schemas/checks.js'
import { recentAnswer } from '../recent-answer.js'
import { runChecks } from './check.js'
import type { Check } from './check.js'

/** How long answers are good for, in milliseconds: a page asks each time that it is opened. */
const LIFETIME_MS = 60_000
/** A person waits for all of them, in milliseconds. */
const TIMEOUT_MS = 8_000

/**
 * Returns a function that makes checks at most once a minute, whoever asks.
 * @param load the checks; loaded when first asked for
 * @param secrets never shown
 */
export function checksReader (load: () => Promise<Check[]>, secrets: string[]): () => Promise<InstallationChecks> {
  return recentAnswer(LIFETIME_MS, async () => {
    const checks = await runChecks(await load(), { timeoutMs: TIMEOUT_MS, secrets })
    return { checks, checkedAt: new Date().toISOString() }
  })
}
