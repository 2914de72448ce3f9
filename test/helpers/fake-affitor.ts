import type { Test } from 'tap'
import { startFake } from '../../tools/harness/fake-affitor.js'
import type { FakeAnswer } from '../../tools/harness/fake-affitor.js'

export type { FakeAnswer } from '../../tools/harness/fake-affitor.js'

/** An address that answers every call the same: for what the stand-in, which keeps to Affitor's documents, never answers. */
export async function startFakeAffitor (t: Test, answer: FakeAnswer): Promise<{ url: string, calls: () => number }> {
  const { url, calls, close } = await startFake(answer)
  t.teardown(close)
  return { url, calls: () => calls.length }
}
