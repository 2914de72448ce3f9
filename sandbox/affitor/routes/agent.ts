import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { authenticate } from '../auth.js'
import type { Authentication } from '../auth.js'
import { errorBody, INVALID_TOKEN } from '../answers.js'
import { CallLog } from '../calls.js'
import type { Program } from '../program.js'
import { readiness } from '../readiness.js'
import { asBody } from '../read.js'
import type { Chain } from '../records.js'
import { AffitorState } from '../state.js'
import type { SandboxContext } from '../context.js'
import { dropWhileAway } from '../drop.js'
import { trackClick } from './click.js'
import { trackLead } from './lead.js'
import { trackSale } from './sale.js'

const HOUR_MS = 3_600_000
const CHAINS_PER_HOUR = 10

/** The two endpoints by which an integration is verified, as Affitor's OpenAPI document has them. */
export async function agentRoutes (app: FastifyInstance, { state, program, behaviours, save }: SandboxContext): Promise<void> {
  const check = (request: FastifyRequest): Authentication => {
    const { refuseKey, endpoints, only } = behaviours.current
    // A key that every endpoint refuses is a wrong key here too.
    if (refuseKey === true && endpoints === undefined && only === undefined) return { ok: false, error: INVALID_TOKEN }
    return authenticate(request.headers.authorization, program.apiKey)
  }

  app.addHook('onRequest', dropWhileAway(behaviours))

  app.post('/api/v1/cli/test-event', async (request, reply) => {
    const auth = check(request)
    if (!auth.ok) return await reply.code(401).send(errorBody(401, auth.error))
    if (asBody(request.body).type !== 'chain') return await reply.code(400).send(errorBody(400, 'type must be chain'))
    const wait = secondsUntilAllowed(state, program)
    if (wait > 0) {
      return await reply.code(429).header('retry-after', wait).send({
        error: {
          status: 429, code: 'rate_limited', message: `Too many synthetic chains (max ${CHAINS_PER_HOUR}/program/hour).`, retry_after_seconds: wait
        }
      })
    }
    const { shortCode, ...chain } = runChain(program)
    state.addChain(chain)
    await save()
    return {
      data: {
        type: 'chain',
        short_code: shortCode,
        customer_key: chain.customerKey,
        verdict: chain.verdict,
        attributed: chain.verdict.sale === 'attributed'
      }
    }
  })

  app.get('/api/v1/programs/me/readiness', async (request, reply) => {
    const auth = check(request)
    if (!auth.ok) return await reply.code(401).send({ error: { code: 'invalid_key', message: `${auth.error}.` } })
    return readiness(state, program)
  })
}

/**
 * Runs a click, a lead and a sale of a partner of its own through the same functions that serve the
 * tracking endpoints, on an empty state, so that the verdict is found and the real records are let be.
 */
function runChain (program: Program): Chain & { shortCode: string } {
  const at = program.now()
  const shortCode = `afftest${program.id}`
  const customerKey = `aff_test_ck_${program.id}_${at.getTime()}_${randomBytes(3).toString('hex')}`
  const state = new AffitorState(new CallLog())
  const trial = { ...program, partners: new Map([[shortCode, { code: shortCode, commissionRate: 0.2 }]]) }
  const call = { authorization: `Bearer ${program.apiKey}`, userAgent: undefined, commissionFails: false }

  const click = trackClick(state, trial, { ...call, body: { affiliate_url: `https://sandbox.invalid/?aff=${shortCode}` } })
  const lead = trackLead(state, trial, { ...call, body: { click_id: click.body.click_id, customer_key: customerKey } })
  const sale = trackSale(state, trial, {
    ...call, body: { customer_key: customerKey, transaction_id: `aff_test_txn_${at.getTime()}`, amount_cents: 1000 }
  })
  return {
    shortCode,
    customerKey,
    verdict: {
      click: click.recorded ? 'attributed' : 'unattributed',
      lead: lead.recorded ? 'attributed' : 'unattributed',
      sale: sale.recorded && state.commissions[0]?.partnerCode === shortCode ? 'attributed' : 'unattributed'
    },
    at: at.toISOString()
  }
}

function secondsUntilAllowed (state: AffitorState, { now }: Program): number {
  const oldestThatCounts = state.chains.at(-CHAINS_PER_HOUR)
  if (oldestThatCounts === undefined) return 0
  return Math.max(0, Math.ceil((Date.parse(oldestThatCounts.at) + HOUR_MS - now().getTime()) / 1000))
}
