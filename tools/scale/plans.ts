import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import type { Database } from '../../src/db/pool.js'
import { claimTrackingEvents, hasPending, settleTrackingEvents } from '../../src/ledger/delivery.js'
import { ledgerLookups } from '../../src/ledger/lookups.js'
import { readFunnel } from '../../src/ledger/reports.js'
import { findCustomerStory } from '../../src/ledger/story.js'
import { claimStripeEvents, countStripeEvents, listStripeEvents } from '../../src/ledger/stripe-events.js'
import { setMark, tallyBlocks } from '../../src/ledger/tallies.js'
import { findTrackingEvent, listTrackingEvents, summarize } from '../../src/ledger/tracking-events.js'
import type { OpenedDatabase } from '../harness/databases.js'

const LARGE = ['tracking_events', 'stripe_events', 'delivery_attempts', 'checkout_sessions', 'sale_references', 'customer_references']

/** What is done with the ledger, by what the plans are called. */
const works: Record<string, (db: Database) => Promise<unknown>> = {
  'claim of facts': db => claimTrackingEvents(db, { owner: 'scale', limit: 32, leaseSeconds: 60, retrySeconds: 60, held: [] }),
  settlement: db => settleTrackingEvents(db, 'scale', [{ id: 7, state: 'delivered', reason: null }]),
  'claim of Stripe events': db => claimStripeEvents(db, 'scale', 32, 60, []),
  'whether something waits': db => hasPending(db, ['user_7', 'user_8']),
  'a sale': db => ledgerLookups(db).sale('cs_test_user_7'),
  'the sale of Stripe\'s objects': db => ledgerLookups(db).saleReferredBy(['pi_user_7', 'sub_user_7']),
  'an earlier sale of a subscription': db => ledgerLookups(db).hasEarlierSale('sub_user_7', new Date(), 'cs_test_user_7'),
  'the customer of Stripe\'s objects': db => ledgerLookups(db).customerReferredBy(['cus_user_7'], new Date()),
  'refunds of a sale': db => ledgerLookups(db).refundsOf('cs_test_user_7'),
  'the list, newest': db => listTrackingEvents(db, { limit: 50 }),
  'the list of a state': db => listTrackingEvents(db, { limit: 50, state: 'needs_attention' }),
  'the list of a customer': db => listTrackingEvents(db, { limit: 50, customerKey: 'user_7' }),
  'the list, deep': db => listTrackingEvents(db, { limit: 50, cursor: '40000' }),
  'one fact': db => findTrackingEvent(db, 7),
  'the list of Stripe events': db => listStripeEvents(db, { limit: 50 }),
  'a customer\'s story': db => findCustomerStory(db, 'user_7'),
  summary: async db => [await summarize(db), await countStripeEvents(db)],
  'funnel of 30 days': db => readFunnel(db, '30d', 20)
}

interface Node { 'Node Type': string, 'Relation Name'?: string, Plans?: Node[] }

/**
 * Plans of the statements that the program itself makes, with the statistics of a ledger of `count` rows: a planner takes
 * a table's rows from its statistics and its blocks from the file, which is smaller, so that reading all of it looks
 * cheaper here than it would be.
 * @returns also how many read a whole table
 */
export async function readPlans (database: OpenedDatabase, count: number): Promise<{ text: string, scans: number }> {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  let seen: Array<{ query: string, params: unknown[] }> = []
  const db = drizzle({ client: pool, logger: { logQuery (query, params) { seen.push({ query, params }) } } })
  const lines: string[] = []
  let scans = 0
  try {
    const mark = await setMark(db)
    while (await tallyBlocks(db, mark, 100) > 0) { /* until all is counted */ }
    await database.query('analyze')
    await database.query(`
      select pg_restore_relation_stats('schemaname', 'affitor', 'relname', relname::text, 'relpages', relpages, 'reltuples', (reltuples * $1 / facts)::real)
      from pg_class, (select reltuples as facts from pg_class where oid = 'affitor.tracking_events'::regclass) ledger
      where relnamespace = 'affitor'::regnamespace and relkind in ('r', 'i') and reltuples > 0`, [count])
    for (const [name, work] of Object.entries(works)) {
      seen = []
      await work(db)
      const found = []
      for (const { query, params } of seen) {
        const { rows: [plan] } = await pool.query(`explain (format json) ${query}`, params)
        found.push(...nodesOf(plan['QUERY PLAN'][0].Plan))
      }
      const whole = found.filter(node => node['Node Type'] === 'Seq Scan' && LARGE.includes(node['Relation Name'] ?? ''))
      scans += whole.length
      const nodes = new Set(found.filter(node => LARGE.includes(node['Relation Name'] ?? '')).map(node => `${node['Node Type']} of ${node['Relation Name']}`))
      lines.push(`${whole.length === 0 ? 'index ' : 'WHOLE '} ${name}: ${[...nodes].join(', ')}`)
    }
  } finally {
    await pool.end()
  }
  return { text: `plans with the statistics of ${count} facts:\n${lines.join('\n')}\n`, scans }
}

function nodesOf (node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}
