import { programIdOnTheWire } from './program.js'
import type { Program } from './program.js'
import type { AffitorState } from './state.js'

const DAY_MS = 86_400_000

interface Gate { status: 'pass' | 'fail' | 'unknown', next_action?: string, [detail: string]: unknown }

/**
 * The verdict on the program, in the shape of Affitor's OpenAPI document. Profile and payout always
 * pass: the stand-in has neither. The other gates are read from what it has recorded.
 */
export function readiness (state: AffitorState, program: Program) {
  const now = program.now()
  const chain = state.chains.at(-1)
  const hasRealEvents = state.clicks.length + state.leads.length + state.sales.length > 0
  const isTracked = hasRealEvents || state.testEvents.length > 0 || chain !== undefined
  const isVerified = hasRealEvents || chain?.verdict.sale === 'attributed'

  const gates: Record<'profile' | 'economics' | 'payout' | 'tracking' | 'live', Gate> = {
    profile: { status: 'pass' },
    economics: program.partners.size > 0 ? { status: 'pass' } : { status: 'fail', next_action: 'set_commission_policy' },
    payout: { status: 'pass', mode: 'manual' },
    tracking: isTracked
      ? { status: 'pass', detail: 'receiving_events', checked_at: now.toISOString() }
      : { status: 'fail', next_action: 'install_tracker_or_send_events', checked_at: now.toISOString() },
    live: isVerified
      ? { status: 'pass', ...(chain === undefined ? {} : { test_chain: chain.verdict }) }
      : { status: 'fail', next_action: 'run_synthetic_sale_chain' }
  }
  const blocker = Object.entries(gates).find(([, gate]) => gate.status !== 'pass')?.[0] ?? null
  const verdict = stateOf(blocker, hasRealEvents)
  return {
    program_id: programIdOnTheWire(program.id),
    state: verdict,
    integration_verified: verdict === 'integration_verified' || verdict === 'live_verified',
    blocker,
    gates,
    last_event_at: {
      click: state.clicks.at(-1)?.at ?? null, lead: state.leads.at(-1)?.at ?? null, sale: state.sales.at(-1)?.at ?? null
    },
    counts_24h: {
      clicks: since(state.clicks, now), leads: since(state.leads, now), sales: since(state.sales, now)
    },
    key_rotated_at: null,
    poll: { retry_after_seconds: 5 }
  }
}

function stateOf (blocker: string | null, hasRealEvents: boolean) {
  if (blocker === null) return hasRealEvents ? 'live_verified' : 'integration_verified'
  return blocker === 'live' ? 'ready' : 'configuring'
}

function since (records: ReadonlyArray<{ at: string }>, now: Date): number {
  return records.filter(({ at }) => Date.parse(at) > now.getTime() - DAY_MS).length
}
