import type { Test } from 'tap'
import { eventually } from './eventually.js'
import { openLedger } from './ledger.js'
import type { TestEvent, TestLedger } from './ledger.js'
import { startService } from './service.js'
import type { Service, ServiceOptions } from './service.js'

/** A service whose ledger the test writes to and looks into. */
export interface Shop extends Service {
  rows: TestLedger
  /** A customer whose click and lead Affitor knows. */
  customer (): Promise<string>
  /** Adds one fact and works until it is settled or has to wait. Resolves to its id. */
  tell (event: TestEvent): Promise<number>
  /** Makes everything that waits due. */
  hurry (): Promise<unknown>
}

/** Starts a service that retries at once. */
export async function openShop (t: Test, options: ServiceOptions = {}): Promise<Shop> {
  const service = await startService(t, { ...options, variables: { DELIVERY_RETRY_BASE_MS: '1', DELIVERY_RETRY_CAP_MS: '1', ...options.variables } })
  const rows = await openLedger(t, service.connectionString)
  async function workUntilNothingIsDue (): Promise<void> {
    await eventually('the work is done', async () => {
      await service.work()
      // An event that is retried in a millisecond was not due a moment ago.
      const due = await rows.query("select 1 from tracking_events where state = 'pending' and next_attempt_at < now() + interval '1 second'")
      return due.length === 0
    })
  }
  return {
    ...service,
    rows,
    work: workUntilNothingIsDue,
    hurry: () => rows.query("update tracking_events set next_attempt_at = now() where state = 'pending'"),
    async customer () {
      const { userId } = await service.signUp({ affitorClickId: await service.affitor.click() })
      await workUntilNothingIsDue()
      return userId
    },
    async tell (event) {
      const [id = 0] = await rows.add(event)
      await workUntilNothingIsDue()
      return id
    }
  }
}
