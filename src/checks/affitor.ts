import { askReadiness, runTestChain } from '../affitor/verification.js'
import type { VerificationAnswer, VerificationOptions } from '../affitor/verification.js'
import { cannotCheck, fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'
import { once } from './once.js'
import { unreachable } from './unreachable.js'

export interface AffitorCheckOptions {
  apiKey?: string | undefined
  apiUrl: string
  programId?: string | undefined
  /** Whether Affitor is to make a click, a lead and a sale of its own, which it allows ten times an hour. */
  chain: boolean
}

interface Gate { status?: unknown, next_action?: unknown }

/** What is read of Affitor's verdict; it may lack whatever the documents promise. */
interface Readiness {
  program_id?: unknown
  state?: unknown
  blocker?: unknown
  gates?: Record<string, Gate | null> | null
}

/** What Affitor said of the program, or the finding of `affitor-key` when it said nothing. */
type Look = { readiness: Readiness } | { finding: Finding, why: string }

const STATES: Record<string, string> = {
  draft: 'is a draft',
  configuring: 'is being set up',
  ready: 'is ready for its first test',
  integration_verified: 'is verified by a test',
  live_verified: 'is verified by real events'
}

/** What Affitor's next actions mean: https://docs.affitor.com/skill.md */
const ACTIONS: Record<string, string> = {
  complete_program_profile: 'Complete the program\'s profile in Affitor\'s dashboard.',
  set_commission_policy: 'Set a commission policy for sales in Affitor\'s dashboard.',
  surface_stripe_connect_url: 'Connect Stripe in Affitor\'s dashboard, so that partners can be paid.',
  install_tracker_or_send_events: 'Put Affitor\'s tracker on the page, or let the app send its first event.',
  run_synthetic_sale_chain: 'Run verify with --chain: Affitor then makes a sale of its own as a test.'
}

const STEPS = ['click', 'lead', 'sale'] as const

/** Whether Affitor takes the key, knows the program by the same id, and finds nothing missing. */
export function affitorChecks ({ apiKey, apiUrl, programId, chain }: AffitorCheckOptions): Check[] {
  if (apiKey === undefined || apiKey === '') {
    return cannotCheck(['affitor-key', 'affitor-program', 'affitor-readiness', 'affitor-chain'], 'AFFITOR_API_KEY is not set.')
  }
  const account = { apiKey, apiUrl }
  const look = once(async (signal: AbortSignal) => await lookAtProgram(account, signal))
  const withReadiness = (find: (readiness: Readiness) => Finding) => async (signal: AbortSignal) => {
    const looked = await look(signal)
    return 'readiness' in looked ? find(looked.readiness) : skip(`Not asked: ${looked.why}.`)
  }
  return [
    {
      name: 'affitor-key',
      async run (signal) {
        const looked = await look(signal)
        return 'readiness' in looked ? pass(`Affitor takes the key${isText(looked.readiness.program_id) ? `, which is of program ${looked.readiness.program_id}` : ''}.`) : looked.finding
      }
    },
    { name: 'affitor-program', run: withReadiness(readiness => checkProgram(readiness, programId)) },
    { name: 'affitor-readiness', run: withReadiness(checkReadiness) },
    {
      name: 'affitor-chain',
      async run (signal) {
        if (!chain) return skip('It costs one of 10 an hour: --chain runs it.')
        const looked = await look(signal)
        return 'readiness' in looked ? await checkChain(account, signal) : skip(`Not asked: ${looked.why}.`)
      }
    }
  ]
}

async function lookAtProgram (account: VerificationOptions, signal: AbortSignal): Promise<Look> {
  const { apiKey, apiUrl } = account
  if (apiKey.startsWith('affk_')) {
    return refused('AFFITOR_API_KEY is a management key (affk_…), which tracking calls are refused with.',
      'Put the program\'s tracking key (aff_…) into AFFITOR_API_KEY. It is in the program\'s settings in Affitor\'s dashboard.')
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    return refused('AFFITOR_API_KEY has a space, a line break or another character that no key has.', 'Copy the key anew, without what stands around it.')
  }
  if (!/^https?:$/.test(URL.canParse(apiUrl) ? new URL(apiUrl).protocol : '')) {
    return notAsked('AFFITOR_API_URL is no http or https address.', 'Set AFFITOR_API_URL to https://api.affitor.com, or leave it out.')
  }
  try {
    const answer = await askReadiness(account, signal)
    if (answer.status !== 200 || answer.data === null) return explainAnswer(answer)
    return { readiness: answer.data as Readiness }
  } catch (error) {
    const problem = unreachable(error, apiUrl)
    if (problem === undefined) throw error
    return notAsked(problem.message, `${problem.fix} It is AFFITOR_API_URL.`)
  }
}

const refused = (message: string, fix: string): Look => ({ finding: fail(message, fix), why: 'the key is refused' })
const notAsked = (message: string, fix: string): Look => ({ finding: fail(message, fix), why: 'Affitor cannot be asked' })

function explainAnswer ({ status, data, error, retryAfterSeconds }: VerificationAnswer): Look {
  const words = error === null ? '' : `: "${error}"`
  if (status === 401) {
    return refused(`Affitor refuses the key${words}.`,
      'Put the program\'s tracking key (aff_…) into AFFITOR_API_KEY. If it was regenerated, the old one is void at once: use the new one.')
  }
  if (status === 429) return { finding: skip(`Affitor is asked too often: run this again ${inSeconds(retryAfterSeconds)}.`), why: 'Affitor is asked too often' }
  if (status >= 500) return notAsked(`Affitor answered ${status}${words}.`, 'The fault is Affitor\'s: run this again in some minutes, and look at its status page if it stays.')
  // The SDK takes 200 for none where a page came in its place.
  if (data === null || status === 404) {
    return notAsked(status === 404 ? `Affitor's API is not at this address: it answered 404${words}.` : `A page in place of Affitor's answer came, with status ${status}.`,
      'Set AFFITOR_API_URL to https://api.affitor.com, or leave it out. If it is that, look at what is in between.')
  }
  return notAsked(`Affitor answered ${status}${words}.`, 'Look at AFFITOR_API_KEY and AFFITOR_API_URL, and at what is in between.')
}

function checkProgram ({ program_id: found }: Readiness, programId: string | undefined): Finding {
  if (programId === undefined || programId === '') return skip('AFFITOR_PROGRAM_ID is not set.')
  if (!isText(found)) return skip('Affitor does not say which program the key is of.')
  return String(found) === programId
    ? pass(`The key is of program ${programId}, as AFFITOR_PROGRAM_ID says.`)
    : fail(`The key is of program ${found}, and AFFITOR_PROGRAM_ID is ${programId}.`,
      `Set AFFITOR_PROGRAM_ID to ${found}, here and in the tracker's tag, or use the key of program ${programId}.`)
}

function checkReadiness ({ state, blocker, gates }: Readiness): Finding {
  const found = Object.entries(gates ?? {})
  const failing = found.filter(([, gate]) => gate?.status === 'fail')
  const unknown = found.filter(([, gate]) => gate?.status === 'unknown')
  const words = `The program ${STATES[String(state)] ?? `is in the state "${String(state)}"`}`
  const missing = [...new Set([...(typeof blocker === 'string' ? [blocker] : []), ...failing.map(([name]) => name)])]
  if (missing.length > 0) {
    return fail(`${words}, and lacks something: ${missing.join(', ')}.`, missing.map(name => nextAction(name, gates?.[name])).join(' '))
  }
  if (state === 'draft' || state === 'configuring') return fail(`${words}.`, 'Finish it in Affitor\'s dashboard.')
  return pass(`${words}${unknown.length > 0 ? `; Affitor does not know yet of: ${unknown.map(([name]) => name).join(', ')}` : ''}.`)
}

function nextAction (name: string, gate: Gate | null | undefined): string {
  const action = gate?.next_action
  if (typeof action !== 'string' || action === '') return `Look at "${name}" in Affitor's dashboard.`
  return ACTIONS[action] ?? `Affitor says of "${name}": ${action.replaceAll('_', ' ')}.`
}

async function checkChain (account: VerificationOptions, signal: AbortSignal): Promise<Finding> {
  const { status, data, error, retryAfterSeconds } = await runTestChain(account, signal)
  if (status === 429) return skip(`Affitor allows 10 chains an hour, and they are used up: run this again ${inSeconds(retryAfterSeconds)}.`)
  const chain = (data as { data?: { verdict?: Record<string, unknown>, attributed?: unknown } | null } | null)?.data
  if (status < 200 || status >= 300 || typeof chain?.verdict !== 'object' || chain.verdict === null) {
    return fail(`Affitor answered ${status} when asked for a test chain${error === null ? '' : `: "${error}"`}.`, 'Run this again in some minutes; if it stays, ask Affitor.')
  }
  const { verdict, attributed } = chain
  const wrong = STEPS.filter(step => verdict[step] !== 'attributed')
  if (wrong.length === 0 && attributed !== false) return pass('Affitor made a click, a lead and a sale of its own as a test, and attributed all three. 10 such chains an hour are allowed.')
  const told = wrong.length > 0 ? wrong.map(step => `the ${step} is ${String(verdict[step] ?? 'not told').replaceAll('_', ' ')}`).join(', ') : 'the whole is not attributed'
  if (wrong.length > 0 && wrong.every(step => verdict[step] === 'pending')) {
    return fail(`Affitor has not come to an end with its test chain: ${told}.`, 'Run this again in a minute.')
  }
  return fail(`Affitor made a click, a lead and a sale of its own as a test, and did not attribute them: ${told}.`, wrong.length === 1 && wrong[0] === 'sale'
    ? 'Set a commission policy for sales in Affitor\'s dashboard, then run this again.'
    : 'Look at the program in Affitor\'s dashboard; if nothing is missing there, ask Affitor.')
}

function inSeconds (seconds: number | null): string {
  if (seconds === null) return 'later'
  return seconds > 120 ? `in ${Math.ceil(seconds / 60)} minutes` : `in ${seconds} s`
}

const isText = (value: unknown): value is string | number => (typeof value === 'string' && value !== '') || typeof value === 'number'
