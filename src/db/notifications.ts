import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { isOwnSession } from './session.js'

/** What has new work. */
export type Topic = 'stripe_events' | 'tracking_events'

const CHANNEL = 'fastify_affitor'
const RECONNECT_MS = 1_000
/** A server that a cut network hides would be waited for until the connection's own time-out, in milliseconds. */
const CLOSE_MS = 1_000

/** Least time between two notifications of a process, in milliseconds; the first one goes at once. */
const GAP_MS = 20
/** Without a wait for the disk: there is nothing in it that a crash could lose. */
const NOTIFY = "select set_config('synchronous_commit', 'off', true), pg_notify($1, topic) from unnest($2::text[]) topic"

export interface Notifier {
  /** Tells the workers of all processes, soon and at most once for what happens at the same moment. */
  notify (topic: Topic): void
  /** Tells at once of what this process notifies of, by whichever notifier of the same pool. @returns what ends it */
  onNotify (listener: (topic: Topic) => void): () => void
}

/** What a process notifies of, by its pool. */
const inProcess = new WeakMap<pg.Pool, EventEmitter<Record<'topic', [Topic]>>>()

/**
 * Sends NOTIFY by its own statement after the commit, not within the transaction: PostgreSQL serialises the
 * commits of transactions that notify. One that is lost is made up for by polling.
 */
export function createNotifier (pool: pg.Pool): Notifier {
  const pending = new Set<Topic>()
  const heard = inProcess.get(pool) ?? new EventEmitter()
  inProcess.set(pool, heard)
  let sending = false

  async function send (): Promise<void> {
    sending = true
    while (pending.size > 0) {
      const topics = [...pending]
      pending.clear()
      await pool.query(NOTIFY, [CHANNEL, topics]).catch(() => {})
      await delay(GAP_MS, undefined, { ref: false })
    }
    sending = false
  }

  return {
    notify (topic) {
      heard.emit('topic', topic)
      pending.add(topic)
      if (!sending) void send()
    },
    onNotify (listener) {
      heard.on('topic', listener)
      return () => { heard.off('topic', listener) }
    }
  }
}

export interface ListenOptions {
  /** There is new work of this kind, or may be. */
  onTopic (topic: Topic): void
  /** Awaited on each new connection whose session is ours, before topics are reported. */
  onSession? (client: pg.Client): Promise<void>
  /** The session is a pooler's, in which others would get what is listened for: nothing is reported, now or later. */
  onPooled (): void
}

/**
 * Listens for new work, on a connection of its own that is made again whenever it breaks. Every topic is
 * reported after a connection, for what was missed meanwhile.
 */
export function listen (connection: pg.ClientConfig, { onTopic, onSession, onPooled }: ListenOptions): { close (): Promise<void> } {
  let client: pg.Client | undefined
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function connect (): Promise<void> {
    const candidate = new pg.Client({ ...connection, connectionTimeoutMillis: 5_000, keepAlive: true, application_name: 'fastify-affitor listener' })
    client = candidate
    const reconnect = () => {
      if (closed || client !== candidate) return
      client = undefined
      timer = setTimeout(() => { void connect() }, RECONNECT_MS)
    }
    candidate.on('error', reconnect)
    candidate.on('end', reconnect)
    candidate.on('notification', message => onTopic(message.payload as Topic))
    try {
      await candidate.connect()
      if (!await isOwnSession(candidate)) {
        client = undefined
        candidate.end().catch(() => {})
        if (!closed) onPooled()
        return
      }
      await onSession?.(candidate)
      await candidate.query(`listen ${CHANNEL}`)
      onTopic('stripe_events')
      onTopic('tracking_events')
    } catch {
      candidate.end().catch(() => {})
      reconnect()
    }
  }

  void connect()
  return {
    async close () {
      closed = true
      clearTimeout(timer)
      await Promise.race([client?.end().catch(() => {}), delay(CLOSE_MS, undefined, { ref: false })])
    }
  }
}
