import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { ANNOUNCEMENT_PATH } from '../announce.js'
import { sandboxAt } from './sandbox.js'
import type { Sandbox } from './sandbox.js'

const TIMEOUT_MS = 5_000

const Announcement = Type.Object({ sandbox: Type.Literal(true), affitor: Type.String(), stripe: Type.String() })
const AffitorState = Type.Object({ programId: Type.String(), callCount: Type.Integer() })
const StripeState = Type.Object({ webhook_url: Type.String() })

/**
 * Takes the sandbox at an address. It is one only if it says so, and both stand-ins that it names are such, and the
 * Stripe stand-in sends its events there. Until then nothing is sent but GET, and no token.
 * @throws with a sentence when it is no sandbox, or does not know the token
 */
export async function takeSandbox (address: string, adminToken: string): Promise<Sandbox> {
  const api = readAddress(address)
  const announced = await read(`${api}${ANNOUNCEMENT_PATH}`, Announcement)
  if (announced === undefined) throw noSandbox(api)
  const [affitor, stripe] = await Promise.all([
    read(`${announced.affitor}/_sandbox/state`, AffitorState), read(`${announced.stripe}/_sandbox/state`, StripeState)
  ])
  if (affitor === undefined || stripe === undefined || portOf(stripe.webhook_url) !== portOf(api)) throw noSandbox(api)

  const known = await fetch(`${api}/api/tracking/events?limit=1`, { headers: { authorization: `Bearer ${adminToken}` } })
  await known.arrayBuffer()
  if (known.status === 401) throw new Error(`The sandbox at ${api} has another ADMIN_TOKEN than sandboxes have by themselves. Give it: --token ...`)
  console.log(`Using the sandbox at ${api}`)
  return sandboxAt({ api, affitor: announced.affitor, stripe: announced.stripe, adminToken }, async () => {})
}

function noSandbox (api: string): Error {
  return new Error(`What answers at ${api} is not a sandbox started by \`npm start\`, and the demo writes into nothing else. ` +
    'Leave --url out, and it starts a sandbox of its own.')
}

function readAddress (text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Error(`--url ${text} is no address. Give that of a sandbox, such as http://localhost:3000.`)
  return url.origin
}

function portOf (address: string): string {
  return URL.canParse(address) ? new URL(address).port : ''
}

/** What a GET answers, if it is JSON of this shape. */
async function read<T extends TSchema> (url: string, schema: T): Promise<Static<T> | undefined> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const body: unknown = await response.json()
    return response.ok && Value.Check(schema, body) ? body : undefined
  } catch {
    return undefined
  }
}
