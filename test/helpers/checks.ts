import { runChecks } from '../../src/checks/check.js'
import type { Check, CheckResult } from '../../src/checks/check.js'

type Told = Pick<CheckResult, 'status' | 'message' | 'fix'>

/** What each check found, by its name. */
export async function findings (checks: Check[], timeoutMs = 10_000): Promise<Record<string, Told>> {
  const results = await runChecks(checks, { timeoutMs, secrets: [] })
  return Object.fromEntries(results.map(({ check, status, message, fix }) => [check, { status, message, fix }]))
}

export const passes = (message: string): Told => ({ status: 'pass', message, fix: null })
export const fails = (message: string, fix: string): Told => ({ status: 'fail', message, fix })
export const skips = (message: string): Told => ({ status: 'skip', message, fix: null })
