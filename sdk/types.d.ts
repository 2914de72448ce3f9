import type { operations } from './schema.js'

/** What the client knows of an operation. */
export interface Operation {
  method: string
  path: string
  repeatable?: true
  hasKey?: true
  isText?: true
  items?: string
}

export interface CallOptions {
  /** Ends the call, its retries and its waits; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Milliseconds that one attempt may take. Default: that of the client. */
  timeoutMs?: number | undefined
  /** How often a request that may safely be repeated is sent again. Default: that of the client. */
  maxRetries?: number | undefined
  headers?: Record<string, string> | undefined
}

export interface KeyedCallOptions extends CallOptions {
  /**
   * Names what is done, so that it is done once: send it again when the answer was lost. Without it a call makes a
   * key of its own, which covers its retries.
   */
  idempotencyKey?: string | undefined
}

type Names = keyof operations

type Part<Value> = [NonNullable<Value>] extends [never] ? unknown : NonNullable<Value>
type Body<Name extends Names> = NonNullable<operations[Name]['requestBody']> extends { content: { 'application/json': infer Content } } ? Content : unknown
type Fields<Name extends Names> = Part<operations[Name]['parameters']['path']> & Part<operations[Name]['parameters']['query']> & Body<Name>

/**
 * What an operation takes of path, query and body, in one object: no operation has a name twice, and a call reads as
 * what it does: `resolveTrackingEvent({ id: 17, note: 'Paid by hand.' })`.
 */
export type Parameters<Name extends Names> = unknown extends Fields<Name> ? Record<string, never> : Fields<Name>

/** What an operation answers with on success. */
export type Answer<Name extends Names> = {
  [Status in keyof operations[Name]['responses'] & (200 | 201 | 202 | 204)]:
  operations[Name]['responses'][Status] extends { content: infer Content } ? Content[keyof Content] : undefined
}[keyof operations[Name]['responses'] & (200 | 201 | 202 | 204)]

type Arguments<Name extends Names, Options> =
  {} extends Parameters<Name> ? [parameters?: Parameters<Name>, options?: Options] : [parameters: Parameters<Name>, options?: Options]

export type Method<Name extends Names, Options = CallOptions> = (...request: Arguments<Name, Options>) => Promise<Answer<Name>>

/** Awaited, the page; with `for await`, what it lists, and what the pages after it list. */
export type ListMethod<Name extends Names, Items extends keyof Answer<Name>> =
  (...request: Arguments<Name, CallOptions>) => Promise<Answer<Name>> & AsyncIterable<Answer<Name>[Items] extends Array<infer Item> ? Item : never>
