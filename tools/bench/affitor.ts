import type { FakeCall } from '../harness/fake-affitor.js'
import { callJson } from '../harness/stand-ins.js'
import { startSide } from './servers.js'
import type { Setting } from './setting.js'

export interface Affitor {
  url: string
  /** The calls since the last look. */
  calls (): Promise<FakeCall[]>
}

/** Starts a stand-in for Affitor that answers after some time. */
export async function startAffitor (setting: Setting, latencyMs: number): Promise<Affitor> {
  const { url } = await startSide(setting, 'affitor', { LATENCY_MS: String(latencyMs) })
  return {
    url,
    calls: () => callJson('GET', `${url}/calls`)
  }
}

/** What is wrong when these should have been called, each once. */
export function checkCalls (what: string, expected: string[], calls: Array<{ key: string }>): string[] {
  const distinct = new Set(calls.map(({ key }) => key))
  const missing = expected.filter(key => !distinct.has(key)).length
  if (missing === 0 && calls.length === expected.length) return []
  return [`${what}: ${expected.length} calls to Affitor were expected, ${calls.length} came, ${distinct.size} of them different, ${missing} are missing`]
}
