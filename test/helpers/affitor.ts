import type { AffitorSandboxOptions } from '../../sandbox/affitor/index.js'
import { PROGRAM_ID, startAffitorStandIn } from '../../tools/harness/stand-ins.js'
import type { StartedAffitor } from '../../tools/harness/stand-ins.js'

export { PARTNER_CODE, PROGRAM_ID } from '../../tools/harness/stand-ins.js'
export type { StartedAffitor } from '../../tools/harness/stand-ins.js'

export const API_KEY = 'affitor_test_key'

/** The part of a tap test that the helper needs. */
interface TestWithAfter { after: (teardown: () => unknown) => unknown }

/** Starts the stand-in for Affitor on a free loopback port. It closes when the test ends. */
export async function startAffitor (t: TestWithAfter, options: Partial<AffitorSandboxOptions> = {}): Promise<StartedAffitor> {
  return await startAffitorStandIn(end => t.after(end), { programId: PROGRAM_ID, apiKey: API_KEY, ...options })
}
