import { VERSION } from '../version.js'
import { cannotCheck, fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'
import { once } from './once.js'
import { unreachable } from './unreachable.js'
import { altered, asStripeWrites, compact, sign, testEvent } from './webhook-event.js'

export interface WebhookCheckOptions {
  /** The webhook's whole address, as Stripe has it. */
  url?: string | undefined
  /** Signing secrets of the endpoint: one, or two while rotating, the new one first. */
  secrets: string[]
}

/** Events with many lines reach hundreds of kilobytes; in characters. */
const LARGE_EVENT = 200_000

interface Answer {
  status: number
  /** Where a redirect leads. */
  location: string | null
  text: string
}

/** What became of the signed event, and whether the webhook looks at signatures at all. */
interface Verdict { finding: Finding, answered: 'taken' | 'refused' | 'otherwise' }

/** Whether the webhook takes what Stripe signs, byte for byte, and nothing else. */
export function webhookChecks ({ url, secrets }: WebhookCheckOptions): Check[] {
  const names = ['webhook-signed', 'webhook-altered']
  const [first, ...others] = secrets
  if (url === undefined) return cannotCheck(names, 'The webhook\'s address is not known: give --url, or set PUBLIC_URL (option webhook.url).')
  if (first === undefined) return cannotCheck(names, 'STRIPE_WEBHOOK_SECRET is not set.')
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return cannotCheck(names, `"${url}" is no http or https address.`)
  const signed = once((signal: AbortSignal) => askSigned(url, first, others, signal))
  return [
    { name: 'webhook-signed', run: async signal => (await signed(signal)).finding },
    { name: 'webhook-altered', run: async signal => await askAltered(url, first, (await signed(signal)).answered, signal) }
  ]
}

async function askSigned (url: string, first: string, others: string[], signal: AbortSignal): Promise<Verdict> {
  try {
    const answer = await post(url, asStripeWrites(testEvent()), first, signal)
    if (isTaken(answer)) return { finding: await lookFurther(url, first, others, signal), answered: 'taken' }
    if (answer.status === 400) return { finding: await explainRefusal(url, first, others, answer, signal), answered: 'refused' }
    return { finding: explainStatus(url, answer), answered: 'otherwise' }
  } catch (error) {
    const problem = unreachable(error, url)
    if (problem === undefined) throw error
    return { finding: fail(problem.message, problem.fix), answered: 'otherwise' }
  }
}

/** What else can be wrong where a small event by the first secret is taken. */
async function lookFurther (url: string, first: string, others: string[], signal: AbortSignal): Promise<Finding> {
  const large = await post(url, asStripeWrites(testEvent(LARGE_EVENT)), first, signal)
  if (!isTaken(large)) {
    return fail(`A small event is answered 200, and one of ${LARGE_EVENT / 1000} KB ${large.status}.`,
      'Allow bodies of 1 MB at the webhook, in the app and in what is before it: events with many lines reach hundreds of kilobytes.')
  }
  const taken = await Promise.all(others.map(async secret => isTaken(await post(url, asStripeWrites(testEvent()), secret, signal))))
  const refused = taken.filter(isFine => !isFine).length
  return pass('A signed event was answered 200.' + (refused === 0
    ? ''
    : ` ${refused === 1 ? 'Another secret' : `${refused} other secrets`} of STRIPE_WEBHOOK_SECRET ${refused === 1 ? 'is' : 'are'} refused: the app that answers does not have ${refused === 1 ? 'it' : 'them'}.`))
}

async function explainRefusal (url: string, first: string, others: string[], { text }: Answer, signal: AbortSignal): Promise<Finding> {
  const { message, isAboutSignature } = readRefusal(text)
  if (/header is missing|no stripe-signature header/i.test(message)) {
    return fail('A signed event was answered 400: its Stripe-Signature header did not arrive.',
      'Let the proxy before the app pass the Stripe-Signature header on.')
  }
  if (/tolerance/i.test(message)) {
    return fail('A signed event was answered 400: its signature is not of now, so the clock there or here is wrong.',
      'Let both machines keep their clock by NTP.')
  }
  if (isTaken(await post(url, compact(testEvent()), first, signal))) {
    return fail('The body is altered on its way to the signature\'s check: an event is refused as Stripe writes it, and taken once its JSON is as JSON.stringify writes it.',
      'Hand the raw body to the check. Take the webhook out of body parsers such as express.json(), and of proxies that write JSON anew.')
  }
  const taken = await Promise.all(others.map(async secret => isTaken(await post(url, asStripeWrites(testEvent()), secret, signal))))
  if (taken.includes(true)) {
    return fail('The first secret of STRIPE_WEBHOOK_SECRET is refused, and a later one is taken: the app that answers has only the old one.',
      'Give STRIPE_WEBHOOK_SECRET with both to the app that answers, and restart it.')
  }
  if (isAboutSignature) {
    return fail(`A signed event was answered 400: the secret is not that of the app that answers${message === '' ? '' : ` ("${message}")`}.`,
      'Copy the endpoint\'s signing secret (whsec_…) from Stripe\'s Workbench, under Webhooks, into STRIPE_WEBHOOK_SECRET, here and for the app that answers. ' +
      'If it is the same already, the body is altered on its way: hand the raw body to the check.')
  }
  return fail(`A signed event was answered 400, and not for its signature${message === '' ? '' : `: "${message}"`}.`,
    'Look whether this address is the webhook\'s, and into its log.')
}

/** The code of our own webhook's answer, or words of the stripe package's in any other. */
function readRefusal (text: string): { message: string, isAboutSignature: boolean } {
  let body: { code?: unknown, message?: unknown, error?: unknown } = {}
  try {
    body = Object(JSON.parse(text))
  } catch {}
  // A page says nothing in one line.
  const said = [body.message, body.error, text].find(part => typeof part === 'string' && !part.startsWith('<')) as string | undefined
  const message = (said?.split('\n')[0] ?? '').slice(0, 150).trim()
  return { message, isAboutSignature: body.code === 'INVALID_SIGNATURE' || /signature/i.test(message) }
}

function explainStatus (url: string, { status, location }: Answer): Finding {
  const { pathname } = new URL(url)
  const said = `A signed event was answered ${status}`
  if (status >= 300 && status < 400) {
    return fail(`${said}, a redirect${location === null ? '' : ` to ${location}`}. Stripe follows none.`,
      'Give Stripe the address that the redirect leads to, or answer at this one.')
  }
  if (status === 401 || status === 403 || status === 407) {
    return fail(`${said}: something before the webhook asks who is calling.`,
      `Let POST ${pathname} pass without a login, in the app's hooks, the proxy and the firewall: its signature says who calls.`)
  }
  if (status === 404 || status === 405) {
    return fail(`${said}: there is no webhook at ${pathname}.`,
      'Give the address with the webhook\'s path (/webhooks/stripe unless the app says otherwise), and look whether the app that runs has it.')
  }
  if (status === 413) {
    return fail(`${said}: the body is taken for too large.`,
      'Allow bodies of 1 MB at the webhook, in the app and in what is before it: events with many lines reach hundreds of kilobytes.')
  }
  if (status === 429) {
    return fail(`${said}: something limits how often the webhook is called.`, `Take POST ${pathname} out of the rate limit: Stripe sends hundreds of events a minute.`)
  }
  if (status >= 500) {
    return fail(`${said}: the app, or what is before it, failed.`, 'Look into the app\'s log. 502 to 504 say that the app does not answer its proxy; 503 may say that its database is away.')
  }
  return fail(`${said}, which is not 200.`, 'Look whether this address is the webhook\'s, and into its log.')
}

async function askAltered (url: string, secret: string, signed: Verdict['answered'], signal: AbortSignal): Promise<Finding> {
  if (signed === 'refused') return skip('It would show nothing: the signed event is refused too.')
  if (signed === 'otherwise') return skip('Not asked: the signed event did not arrive.')
  const body = asStripeWrites(testEvent())
  const { status } = await send(url, altered(body), sign(body, secret), signal)
  if (status >= 400 && status < 500) return pass(`An event of which one byte was altered was answered ${status}.`)
  return status >= 200 && status < 300
    ? fail(`An event of which one byte was altered was answered ${status}: signatures are not checked.`,
      'Check each event\'s signature before anything else: anybody can send made-up payments to this address.')
    : fail(`An event of which one byte was altered was answered ${status}, and not 400.`,
      'Answer 400 to what has a wrong signature; the app\'s log says why it failed.')
}

const isTaken = ({ status }: Answer) => status >= 200 && status < 300

const post = (url: string, body: string, secret: string, signal: AbortSignal) => send(url, body, sign(body, secret), signal)

async function send (url: string, body: string, signature: string, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature, 'user-agent': `fastify-affitor/${VERSION}` },
    body,
    signal
  })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}
