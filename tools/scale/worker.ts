import { setTimeout as delay } from 'node:timers/promises'
import { openDatabase } from '../../src/db/pool.js'
import { claimTrackingEvents, settleTrackingEvents } from '../../src/ledger/delivery.js'
import type { Told } from './workers.js'

const AFFITOR_MS = 50
const BATCH = 32
const owner = `scale ${process.pid}`
const { pool, db } = openDatabase({ connectionString: process.argv[2] ?? '', poolSize: 4 })

process.once('message', async () => {
  const told: Told = { claims: [], delivered: 0 }
  for (;;) {
    const begin = performance.now()
    const claimed = await claimTrackingEvents(db, { owner, limit: BATCH, leaseSeconds: 60, retrySeconds: 60 })
    if (claimed.length === 0) break
    told.claims.push(performance.now() - begin)
    await delay(AFFITOR_MS)
    const attempt = { status: 200, error: null, response: { success: true }, durationMs: AFFITOR_MS }
    const settled = await settleTrackingEvents(db, owner, claimed.map(({ id }) => ({ id, state: 'delivered' as const, reason: null, attempt })))
    told.delivered += settled.filter(Boolean).length
  }
  await pool.end()
  process.send?.(told)
  process.disconnect()
})
await db.execute('select 1')
process.send?.('ready')
