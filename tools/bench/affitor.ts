import { startSide } from './servers.js'
import type { Stage } from './stage.js'

export interface Affitor {
  url: string
  /** The calls since the last look: what each was about, and when it arrived by `now()`. */
  calls (): Promise<Array<{ key: string, at: number }>>
}

/** Milliseconds on the clock that all processes of the machine share. */
export function now (): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Starts a stand-in for Affitor that answers after some time. */
export async function startAffitor (stage: Stage, latencyMs: number): Promise<Affitor> {
  const { url } = await startSide(stage, 'affitor', { LATENCY_MS: String(latencyMs) })
  return {
    url,
    async calls () {
      const response = await fetch(`${url}/calls`)
      const calls = await response.json() as Array<[key: string, at: number]>
      return calls.map(([key, at]) => ({ key, at }))
    }
  }
}

/** What is wrong when these should have been called, each once. */
export function checkCalls (what: string, expected: string[], calls: Array<{ key: string }>): string[] {
  const distinct = new Set(calls.map(({ key }) => key))
  const missing = expected.filter(key => !distinct.has(key)).length
  if (missing === 0 && calls.length === expected.length) return []
  return [`${what}: ${expected.length} calls to Affitor were expected, ${calls.length} came, ${distinct.size} of them different, ${missing} are missing`]
}
