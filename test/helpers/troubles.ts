import type { Service } from './service.js'
import { query } from './sql.js'

/** A customer who signed up and paid once, and whose sale needs attention. */
export interface Trouble { userId: string, email: string, sessionId: string }

/** A sale that Affitor answers a server error to, then that it has the id already; resolves to whose it is. */
export async function makeTrouble (service: Service, reason = 'transaction_id_used_up'): Promise<Trouble> {
  const { userId, email, accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const sessionId = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  await query(service.connectionString,
    `update tracking_events set state = 'needs_attention', reason = '${reason}' where kind = 'sale' and customer_key = '${userId}'`)
  return { userId, email, sessionId }
}
