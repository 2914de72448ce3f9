import type { FastifyBaseLogger } from 'fastify'
import type { AlertMessage } from '../../schemas/alert.js'
import type { Database } from '../db/pool.js'
import { alertNotTold, alertTold, findTroubles, takeOver, takeRaised } from '../ledger/alerts.js'
import type { Trouble } from '../ledger/alerts.js'
import { overMessage, raisedMessage } from './alert-message.js'
import { backoffWithoutJitter } from './backoff.js'
import { nowAndThen } from './now-and-then.js'

export interface AlertTarget {
  /** Where messages are posted. A secret: whoever knows it may write there. */
  webhookUrl: string
  /** Where a person looks then. */
  operatorUrl?: string | undefined
}

export interface AlertOptions extends AlertTarget {
  db: Database
  log: FastifyBaseLogger
  /** Mean time between two looks, in milliseconds; a minute unless told otherwise. */
  everyMs?: number
  /** Longest wait for the receiver, in milliseconds; 10,000 unless told otherwise. */
  timeoutMs?: number
}

const causes: Array<Trouble['cause']> = ['attention', 'delivery_paused', 'delivery_late']

/** Most looks between two attempts at a receiver that fails. */
const MOST_LOOKS = 15

/**
 * Tells somebody what needs a person, about a minute after it does. Any number of processes may: each message is one's.
 * A receiver that fails is tried again; one that took a message whose answer got lost has it twice.
 */
export function alertNowAndThen ({ db, webhookUrl, operatorUrl, log, everyMs = 60_000, timeoutMs = 10_000 }: AlertOptions) {
  const stopping = new AbortController()
  const looking = nowAndThen({
    everyMs,
    pauseMs: 0,
    async step () {
      const { at, found } = await findTroubles(db)
      await Promise.all(causes.map(cause => tell(cause, found.find(trouble => trouble.cause === cause), at)))
      return false
    },
    log,
    failure: 'Whether somebody must be alerted could not be found out; it is tried again'
  })

  async function tell (cause: Trouble['cause'], trouble: Trouble | undefined, at: string): Promise<void> {
    const taken = trouble === undefined ? await takeOver(db, cause, at) : await takeRaised(db, trouble)
    if (taken === undefined) return
    const message = trouble === undefined ? overMessage(cause, taken.since, operatorUrl) : raisedMessage(trouble, operatorUrl)
    const failure = await post(message)
    if (failure === undefined) {
      await alertTold(db, cause, message.state, taken.since)
    } else if (stopping.signal.aborted) {
      await alertNotTold(db, cause, 0)
    } else {
      log.warn({ cause, failure }, 'The receiver of ALERT_WEBHOOK_URL did not take a message; it is tried again')
      await alertNotTold(db, cause, backoffWithoutJitter(taken.failures + 1, everyMs / 2, everyMs * MOST_LOOKS))
    }
  }

  /** @returns why the receiver did not take it, without its address; undefined when it did */
  async function post (message: AlertMessage): Promise<string | undefined> {
    try {
      const response = await fetch(webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        // The message is for this address alone.
        redirect: 'manual',
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)])
      })
      await response.body?.cancel()
      return response.ok ? undefined : `status ${response.status}`
    } catch (error) {
      return whyNot(error as Error)
    }
  }

  return {
    start: looking.start,
    /** Gives up a message that is on its way, for another process to tell. */
    async stop (): Promise<void> {
      stopping.abort()
      await looking.stop()
    }
  }
}

/** Messages of errors may have the address. */
function whyNot ({ name, cause }: Error): string {
  const { code } = (cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : name
}
