import pg from 'pg'
import type { Test } from 'tap'
import { openDatabase } from '../../src/db/pool.js'
import type { Database } from '../../src/db/pool.js'
import { claimTrackingEvents, postponeTrackingEvents, settleTrackingEvents } from '../../src/ledger/delivery.js'
import type { AttemptRecord, ClaimedTrackingEvent, ClaimOptions, Settlement } from '../../src/ledger/delivery.js'
import { LOOKS_INTO } from '../../tools/harness/databases.js'
import { createTestDatabase } from './database.js'

/** A fact put into the ledger by hand; a sale of a customer of its own unless told otherwise. */
export interface TestEvent {
  kind?: 'lead' | 'sale' | 'refund'
  transactionId?: string
  saleTransactionId?: string
  customerKey?: string
  payload?: unknown
}

/** A row of `tracking_events` as it is stored. */
export interface LedgerRow {
  id: number
  kind: string
  transaction_id: string
  customer_key: string
  state: string
  reason: string | null
  attempts: number
  next_attempt_at: Date | null
  give_up_at: Date | null
  leased_until: Date | null
  leased_by: string | null
  last_status: number | null
  last_error: string | null
  response: unknown
  settled_at: Date | null
}

export interface TestLedger {
  db: Database
  /** The application's; `query` has a pool of its own, which finds tables by their bare names. */
  pool: pg.Pool
  connectionString: string
  /** Adds facts in this order. Resolves to their ids. Nobody is notified. */
  add (...events: TestEvent[]): Promise<number[]>
  /** The ledger, oldest first. */
  rows (): Promise<LedgerRow[]>
  row (id: number): Promise<LedgerRow>
  query (sql: string, values?: unknown[]): Promise<Array<Record<string, unknown>>>
  claim (owner: string, options?: Partial<ClaimOptions>): Promise<ClaimedTrackingEvent[]>
  /** @returns false when the owner does not hold its lease */
  settle (owner: string, id: number, settlement: Omit<Settlement, 'id'>): Promise<boolean>
  /** @returns the state that it is in now; undefined when the owner does not hold its lease */
  postpone (owner: string, id: number, delayMs: number, attempt: AttemptRecord): Promise<string | undefined>
}

const payloads = {
  lead: { v: 1, email: 'ada@example.com' },
  sale: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false },
  refund: { v: 1, amountCents: 4900, currency: 'USD', full: true }
}

let count = 0

/** Opens the ledger of a database: of the one given, or of a new one. */
export async function openLedger (t: Test, connectionString?: string): Promise<TestLedger> {
  const address = connectionString ?? (await createTestDatabase(t)).connectionString
  const { pool, db } = openDatabase({ connectionString: address, poolSize: 10 })
  const looks = new pg.Pool({ connectionString: address, options: LOOKS_INTO, max: 2 })
  t.teardown(() => Promise.all([pool.end(), looks.end()]))
  looks.on('error', () => {})
  const query = async (sql: string, values: unknown[] = []) => (await looks.query(sql, values)).rows
  const rows = async () => await query('select *, id::float8 as id from tracking_events order by tracking_events.id') as unknown as LedgerRow[]

  return {
    db,
    pool,
    connectionString: address,
    query,
    rows,
    async add (...events) {
      const ids: number[] = []
      for (const { kind = 'sale', ...event } of events) {
        const [row] = await query(`
          insert into tracking_events (kind, transaction_id, sale_transaction_id, customer_key, payload, source)
          values ($1, $2, $3, $4, $5, 'evt_test') returning id::float8 as id`, [
          kind, event.transactionId ?? `${kind}_${++count}`, event.saleTransactionId ?? null,
          event.customerKey ?? `customer_${++count}`, JSON.stringify(event.payload ?? payloads[kind])
        ])
        ids.push(row?.id as number)
      }
      return ids
    },
    async row (id) {
      const found = (await rows()).find(row => row.id === id)
      if (found === undefined) throw new Error(`There is no tracking event ${id}`)
      return found
    },
    claim: (owner, options) => claimTrackingEvents(db, { owner, limit: 100, leaseSeconds: 60, retrySeconds: 3600, ...options }),
    async settle (owner, id, settlement) {
      const [settled = false] = await settleTrackingEvents(db, owner, [{ id, ...settlement }])
      return settled
    },
    async postpone (owner, id, delayMs, attempt) {
      return (await postponeTrackingEvents(db, owner, [{ id, delayMs, attempt }]))[0]
    }
  }
}
