import type { StripeBehaviour } from './behaviour.js'
import type { Events } from './events.js'
import type { RequestLog } from './requests.js'
import { unixSeconds } from './ids.js'
import { StripeSandboxError } from './errors.js'
import type { StripeState } from './state.js'

/** What the parts of a stand-in share. */
export interface SandboxContext {
  readonly state: StripeState
  readonly events: Events
  readonly behaviour: StripeBehaviour
  readonly secretKey: string
  readonly requests: RequestLog
  now (): Date
  webhookUrl (): string | undefined
  /** The address under which buyers reach this server, without a trailing slash; `host` is the request's. */
  publicUrl (host: string): string
  /** Has the state written, if there is a file. */
  changed (): void
  /** Resolves when the state is on disk. */
  saved (): Promise<void>
}

/** The present time of the stand-in in Unix seconds. */
export function timestamp (context: SandboxContext): number {
  return unixSeconds(context.now())
}

/** The object of an id that an earlier step has stored. */
export function stored<T> (collection: ReadonlyMap<string, T>, id: string): T {
  const found = collection.get(id)
  if (found === undefined) {
    throw new StripeSandboxError(500, { type: 'api_error', message: `The sandbox lost the object ${id}.` })
  }
  return found
}

/** The id of something that is either expanded or named by its id. */
export function idOf (reference: string | { id: string }): string {
  return typeof reference === 'string' ? reference : reference.id
}
