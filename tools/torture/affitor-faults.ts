import { setTimeout as delay } from 'node:timers/promises'
import type { Behaviour } from '../../sandbox/affitor/index.js'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { StartedAffitor } from '../harness/stand-ins.js'
import { DELIVERY_TIMEOUT_MS } from './service.js'

const SHORTEST_MS = 40
const LONGEST_MS = 200

type Fault = (random: Random) => Behaviour

/**
 * What Affitor does to a call. The click is not among the endpoints: it is the visitor's own.
 *
 * A 5xx after a sale was recorded is left out: that is Affitor's documented "Failed to create commission", after
 * which a person must look. Whoever gets it from two faults in a row, a 500 and then an answer that is lost, is
 * accounted for by the check.
 */
const all: Behaviour['endpoints'] = ['lead', 'sale', 'refund']
const faults: Record<string, Fault> = {
  works: () => ({}),
  slow: random => ({ latencyMs: between(random, 50, 300), endpoints: all }),
  'slower than the time limit': () => ({ latencyMs: DELIVERY_TIMEOUT_MS + 150, times: 4, endpoints: all }),
  'fails before recording': random => ({ failStatus: pick(random, [500, 502, 503]), endpoints: all }),
  'too many requests': () => ({ failStatus: 429, retryAfterSeconds: 1, times: 3, endpoints: all }),
  'fails after recording': random => ({ failAfterRecording: pick(random, [500, 502]), endpoints: ['lead', 'refund'] }),
  'drops before recording': () => ({ dropConnection: 'before', endpoints: all }),
  'drops after recording': () => ({ dropConnection: 'after', endpoints: all })
}

/** Changes how Affitor behaves every few calls until `signal` aborts; then it works again. Each cycle has its own mix. */
export async function runAffitorFaults (affitor: StartedAffitor, random: Random, signal: AbortSignal): Promise<void> {
  const names = Object.keys(faults)
  const mix = ['works', ...Array.from({ length: 5 }, () => pick(random, names))]
  while (!signal.aborted) {
    const fault = faults[pick(random, mix)] as Fault
    affitor.behave(fault(random))
    await delay(between(random, SHORTEST_MS, LONGEST_MS), undefined, { signal }).catch(() => {})
  }
  affitor.behave({})
}
