import { Type } from '@sinclair/typebox'
import type { TSchema } from '@sinclair/typebox'

// Facts of Affitor's OpenAPI document, written down by hand: version 1.0.0, `public/openapi.yaml` of the repository
// Affitor/affitor-docs at commit 211c85c, read on 2026-11-24.
// Requests may hold no other fields; answers may. Fields that the document does not call required are required here of an
// answer where its example shows them.

const text = Type.String({ minLength: 1 })
const optionalText = Type.Optional(text)
const time = Type.Union([Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T' }), Type.Null()])
const oneOf = (values: string[]) => Type.Union(values.map(value => Type.Literal(value)))
const request = (properties: Record<string, TSchema>) => Type.Object(properties, { additionalProperties: false })
const additionalData = Type.Optional(Type.Object({
  test_mode: Type.Optional(Type.Boolean()), program_id: Type.Optional(Type.Union([text, Type.Integer()])), event_name: optionalText
}))

/** `Error`: of the tracking endpoints themselves. */
const error = Type.Object({ data: Type.Null(), error: Type.Object({ status: Type.Integer(), name: text, message: text }) })
/** `AgentError`: of readiness, and of what is refused for its rate. */
const agentError = Type.Object({ error: Type.Object({ code: text, message: text, retry_after_seconds: Type.Optional(Type.Integer()) }) })
const testMode = Type.Object({
  success: Type.Literal(true),
  message: text,
  data: Type.Object({ eventId: Type.Integer(), programId: Type.Union([Type.Integer(), Type.Null()]), test_mode: Type.Literal(true) })
})
const chainStep = oneOf(['attributed', 'unattributed', 'wrong_partner', 'pending'])
const gate = Type.Object({ status: oneOf(['pass', 'fail', 'unknown']), next_action: optionalText })

export interface Endpoint {
  method: string
  /** `optional`: a call without the key is answered too, one with a wrong key is not. */
  key: 'none' | 'optional' | 'required'
  request: TSchema
  /** By status; several where one of them will do. */
  answers: Record<number, TSchema[]>
}

export const endpoints: Record<string, Endpoint> = {
  '/api/v1/track/click': {
    method: 'POST',
    key: 'none',
    request: request({
      affiliate_url: text,
      page_url: optionalText,
      page_title: optionalText,
      referrer_url: optionalText,
      session_id: optionalText,
      user_agent: optionalText,
      screen_resolution: optionalText,
      viewport_size: optionalText,
      language: optionalText,
      timezone: optionalText,
      existing_click_id: optionalText,
      additional_data: additionalData
    }),
    answers: {
      200: [
        Type.Object({ success: Type.Literal(true), click_id: text, partner_code: text, cookie_window_days: Type.Integer() }),
        Type.Object({ success: Type.Literal(false), message: text })
      ],
      400: [error],
      429: [agentError],
      500: [error]
    }
  },
  '/api/v1/track/lead': {
    method: 'POST',
    key: 'optional',
    request: request({
      click_id: optionalText,
      customer_key: optionalText,
      email: optionalText,
      session_id: optionalText,
      page_url: optionalText,
      click_ids: Type.Optional(Type.Array(text)),
      additional_data: additionalData
    }),
    answers: { 200: [Type.Object({ success: Type.Literal(true), provisional: Type.Optional(Type.Literal(true)), message: text }), testMode], 400: [error], 401: [error, agentError], 429: [agentError], 500: [error] }
  },
  '/api/v1/track/sale': {
    method: 'POST',
    key: 'required',
    request: request({
      transaction_id: text,
      customer_key: optionalText,
      click_id: optionalText,
      amount_cents: Type.Integer({ minimum: 1 }),
      currency: Type.Optional(oneOf(['USD', 'EUR', 'VND'])),
      sale_type: Type.Optional(oneOf(['payment', 'subscription'])),
      is_recurring: Type.Optional(Type.Boolean()),
      subscription_id: optionalText,
      subscription_interval: Type.Optional(oneOf(['monthly', 'quarterly', 'annual'])),
      product_id: optionalText,
      line_items: Type.Optional(Type.Unknown()),
      additional_data: additionalData
    }),
    answers: {
      200: [
        Type.Object({ success: Type.Literal(true), sale_id: Type.Integer(), commission_id: Type.Integer(), message: text }),
        Type.Object({ success: Type.Literal(true), attributed: Type.Literal(false), reason: text, click_age_days: Type.Integer(), window_days: Type.Integer(), sale_id: Type.Null(), commission_id: Type.Null() }),
        testMode
      ],
      400: [error],
      401: [error, agentError],
      409: [error],
      429: [agentError],
      500: [error]
    }
  },
  '/api/v1/track/refund': {
    method: 'POST',
    key: 'required',
    // `additional_data` is not in its schema, but "every endpoint accepts" it for the test mode.
    request: request({ transaction_id: text, refund_amount_cents: Type.Optional(Type.Integer({ minimum: 1 })), refund_reason: optionalText, additional_data: additionalData }),
    answers: {
      200: [
        Type.Object({ success: Type.Literal(true), commission_id: Type.Integer() }),
        Type.Object({ success: Type.Literal(true), status: Type.Literal('no_commission'), message: text }),
        testMode
      ],
      400: [error],
      401: [error, agentError],
      404: [error],
      429: [agentError],
      500: [error]
    }
  },
  '/api/v1/cli/test-event': {
    method: 'POST',
    key: 'required',
    request: request({ type: Type.Literal('chain') }),
    answers: {
      200: [Type.Object({
        data: Type.Object({
          type: Type.Literal('chain'), short_code: text, customer_key: text, verdict: Type.Object({ click: chainStep, lead: chainStep, sale: chainStep }), attributed: Type.Boolean()
        })
      })],
      400: [error],
      401: [error, agentError],
      429: [agentError],
      500: [error]
    }
  },
  '/api/v1/programs/me/readiness': {
    method: 'GET',
    key: 'required',
    request: Type.Undefined(),
    answers: {
      200: [Type.Object({
        program_id: Type.Integer(),
        state: oneOf(['draft', 'configuring', 'ready', 'integration_verified', 'live_verified']),
        integration_verified: Type.Boolean(),
        blocker: Type.Union([oneOf(['profile', 'economics', 'payout', 'tracking', 'live']), Type.Null()]),
        gates: Type.Object({
          profile: gate,
          economics: gate,
          payout: Type.Intersect([gate, Type.Object({ mode: oneOf(['stripe', 'manual']) })]),
          tracking: Type.Intersect([gate, Type.Object({ detail: optionalText, checked_at: time })]),
          live: gate
        }),
        last_event_at: Type.Object({ click: time, lead: time, sale: time }),
        counts_24h: Type.Object({ clicks: Type.Integer(), leads: Type.Integer(), sales: Type.Integer() }),
        key_rotated_at: time,
        poll: Type.Object({ retry_after_seconds: Type.Integer() })
      })],
      401: [agentError],
      429: [agentError],
      500: [agentError]
    }
  }
}

/** What the document has and the stand-in never answers: its two verification endpoints do not fail, nor count minutes. */
export const NEVER_ANSWERED = ['/api/v1/cli/test-event 500', '/api/v1/programs/me/readiness 429', '/api/v1/programs/me/readiness 500']
