import { buildAffitorSandbox } from '../../sandbox/affitor/index.js'
import type { AffitorSandbox, AffitorSandboxOptions, Behaviour, TrackingCall, TrackingEndpoint } from '../../sandbox/affitor/index.js'

export const PROGRAM_ID = '42'
export const API_KEY = 'affitor_test_key'
export const PARTNER_CODE = 'TESTCODE'

/** The part of a tap test that the helper needs. */
interface TestWithAfter { after: (teardown: () => unknown) => unknown }

export interface StartedAffitor {
  /** Base address, without a trailing slash. */
  url: string
  sandbox: AffitorSandbox
  programId: string
  apiKey: string
  /** The tracking calls so far, in the order of their arrival. */
  calls: (endpoint?: TrackingEndpoint) => TrackingCall[]
  /** Replaces the behaviour in force; `{}` is normal service. */
  behave: (behaviour: Behaviour) => void
  /** A visitor's click through a partner's link. Resolves to the click id. */
  click: (partnerCode?: string) => Promise<string>
}

/** Starts the stand-in for Affitor on a free loopback port. It closes when the test ends. */
export async function startAffitor (t: TestWithAfter, options: Partial<AffitorSandboxOptions> = {}): Promise<StartedAffitor> {
  const programId = options.programId ?? PROGRAM_ID
  const apiKey = options.apiKey ?? API_KEY
  const sandbox = await buildAffitorSandbox({ ...options, programId, apiKey })
  t.after(async () => await sandbox.close())
  const url = await sandbox.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    sandbox,
    programId,
    apiKey,
    calls: (endpoint) => sandbox.affitorState.calls.list().filter((call) => endpoint === undefined || call.endpoint === endpoint),
    behave: (behaviour) => sandbox.affitorBehaviour.set(behaviour),
    click: async (partnerCode = PARTNER_CODE) => await click(url, partnerCode)
  }
}

async function click (url: string, partnerCode: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/track/click`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ affiliate_url: `https://shop.example/?aff=${partnerCode}` })
  })
  const body: unknown = await response.json()
  if (typeof body === 'object' && body !== null && 'click_id' in body && typeof body.click_id === 'string') return body.click_id
  throw new Error(`The click was not recorded: ${response.status} ${JSON.stringify(body)}`)
}
