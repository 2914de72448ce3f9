import type { StartedAffitor } from '../stand-ins.js'
import type { AffitorStandIn } from './types.js'

/** The stand-in for Affitor, as tests of an app use it. */
export function affitorForTests ({ url, apiKey, programId, sandbox, calls, behave, click }: StartedAffitor): AffitorStandIn {
  const state = sandbox.affitorState
  const visitor = (id: number) => {
    const { clickId, partnerCode } = state.customerById(id) ?? { clickId: '', partnerCode: '' }
    return { clickId, partnerCode }
  }
  return {
    url,
    apiKey,
    programId,
    options: { apiUrl: url, apiKey, programId, testMode: false },
    click,
    leads: () => state.leads.map(({ customerId, customerKey, at }) => ({ customerKey, ...visitor(customerId), at })),
    sales: () => state.sales.map(sale => {
      const { id, customerId, commissionId, ...told } = sale
      return { ...told, partnerCode: visitor(customerId).partnerCode, commissionCents: state.commissionOf(sale)?.amountCents ?? null }
    }),
    refunds: () => state.refunds.map(({ transactionId, amountCents, deductionCents, reason, at }) => ({ transactionId, amountCents, deductionCents, reason, at })),
    calls: () => calls().map(({ endpoint, body, status, recorded, at }) => ({ endpoint, body, status, recorded, at })),
    behave,
    reset () {
      state.clear()
      behave({})
    }
  }
}
