import t from 'tap'
import { paidSession, refundOf, stripeEvent } from '../fixtures/index.js'
import { PARTNER_CODE, startAffitor } from '../helpers/affitor.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import type { Bookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

const DAY_MS = 86_400_000

for (const [expiredSale, reason] of [['not_attributed', 'attribution_window_expired'], ['without_commission', 'no_commission']] as const) {
  t.test(`why a sale earned nobody anything, with both of Affitor's answers to a late sale: ${expiredSale}`, async t => {
    let now = Date.now()
    const partners = [{ code: PARTNER_CODE, commissionRate: 0.2 }, { code: 'ELSEWHERE', commissionRate: 0.2, programId: '77' }]
    const affitor = await startAffitor(t, { expiredSale, partners, now: () => new Date(now) })
    const service = await startBookkeeper(t, { affitor })
    const sell = async (buyer: { userId: string, affitorClickId?: string }) => {
      const session = paidSession(buyer)
      await service.receive(stripeEvent('checkout.session.completed', session))
      return session
    }

    await t.test('a sale after the attribution window is unattributed, and its refund is skipped', async t => {
      const buyer = await service.buyer()
      await service.work()
      now += 61 * DAY_MS
      const session = await sell(buyer)
      await service.receive(stripeEvent('refund.created', refundOf(session.payment_intent as string, 1000)))
      t.match(await service.facts(buyer), [{ state: 'unattributed', reason }, { kind: 'refund', state: 'skipped', reason: 'sale_not_attributed' }])
    })

    if (expiredSale === 'without_commission') return

    await t.test('a customer whom a partner of another program brought', async t => {
      const affitorClickId = await affitor.click('ELSEWHERE')
      const buyer = await service.signUp({ affitorClickId })
      await sell({ ...buyer, affitorClickId })
      t.match(await leadOf(service, buyer.userId), { state: 'rejected', reason: 'refused', lastError: /does not belong to this program/ })
      t.match(await service.facts(buyer), [{ state: 'unattributed', reason: 'no_attribution' }])
    })

    await t.test('a second user by the click of a buyer: Affitor is further along, which is no failure', async t => {
      const first = await service.buyer()
      await sell(first)
      const second = await service.signUp({ affitorClickId: first.affitorClickId })
      await service.work()
      t.match(await leadOf(service, second.userId), { state: 'delivered', reason: 'further_along' })
    })

    await t.test('a sale whose lead was given up needs attention with it', async t => {
      affitor.behave({ failStatus: 503, endpoints: ['lead'] })
      const buyer = await service.buyer()
      await service.work()
      await query(service.connectionString, "update tracking_events set give_up_at = now(), next_attempt_at = now() where state = 'pending'")
      await service.work()
      affitor.behave({})
      t.match(await leadOf(service, buyer.userId), { state: 'needs_attention', reason: 'retries_exhausted' })
      await sell({ userId: buyer.userId })
      t.match(await service.facts(buyer), [{ state: 'needs_attention', reason: 'lead_needs_attention' }])
    })
  })
}

async function leadOf (service: Bookkeeper, userId: string) {
  return (await service.ledger()).find(({ kind, customerKey }) => kind === 'lead' && customerKey === userId)
}
