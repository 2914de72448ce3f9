import { readFile } from 'node:fs/promises'
import type { OpenAPIV3_1 } from 'openapi-types'
import { createClient } from '../../sdk/index.js'
import type { Client, Schemas } from '../../sdk/index.js'
import { ADMIN_TOKEN, API_TOKEN } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { signature, stripeEvent } from '../helpers/webhook.js'
import { DOCUMENT } from './programs.js'

type Snapshot = Schemas['StripeSnapshotEvent']

/** What an operation was answered. */
export interface Answer {
  operationId: string
  status: number
  contentType: string
  /** Of JSON; null: there was none. */
  body: unknown
}

const document = JSON.parse(await readFile(DOCUMENT, 'utf8')) as OpenAPIV3_1.Document

export const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) => Object.entries(item ?? {}).map(([method, described]) => {
  const operation = described as OpenAPIV3_1.OperationObject
  return { method: method.toUpperCase(), pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), operationId: operation.operationId ?? '', operation }
}))

/** The name of the schema that the document has for an answer. */
export function componentOf ({ operationId, status }: Answer): string {
  const operation = operations.find(other => other.operationId === operationId)?.operation
  const response = operation?.responses?.[status]
  if (response === undefined || '$ref' in response) return 'ErrorResponse'
  const schema = response.content?.['application/json']?.schema
  return schema !== undefined && '$ref' in schema ? schema.$ref?.split('/').at(-1) ?? '' : ''
}

/**
 * Calls every operation at least once, as people, backends and operators do, with facts of each kind and refusals.
 * @param url of the service, or of what stands before it
 */
export async function journey (service: Service, url: string): Promise<Answer[]> {
  const answers: Answer[] = []
  const { control, sandbox, webhookSecret } = service.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })
  const clientWith = (token?: string): Client => createClient({
    baseUrl: url,
    token,
    async fetch (request) {
      const response = await fetch(request)
      answers.push(await answerOf(request, response.clone()))
      return response
    }
  })
  const [anyone, operator, backend] = [clientWith(), clientWith(ADMIN_TOKEN), clientWith(API_TOKEN)]

  const delivered = new Set<string>()
  /** Delivers what Stripe made, signed as it is sent here: what stands between may make JSON anew, and its bytes are no longer Stripe's. */
  async function deliver (): Promise<void> {
    for (const { event } of sandbox.stripe.state.events.values()) {
      if (delivered.has(event.id)) continue
      delivered.add(event.id)
      await send({ ...event } as unknown as Snapshot)
    }
    await service.work()
  }
  const send = (body: Snapshot, header = signature(JSON.stringify(body), webhookSecret)) =>
    anyone.POST('/webhooks/stripe', { body, params: { header: { 'stripe-signature': header } } })

  // A customer who signs up, buys once, subscribes, renews, and gets some money back.
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' }
  const signup = await anyone.POST('/api/signup', { body: { ...credentials, affitorClickId: await service.affitor.click() } })
  await anyone.POST('/api/signup', { body: credentials })
  await anyone.POST('/api/login', { body: credentials })
  await anyone.POST('/api/login', { body: { ...credentials, password: 'wrong horse battery' } })
  await anyone.POST('/api/logout')
  const { userId = '', accessToken } = signup.data ?? {}
  const user = clientWith(accessToken)
  const order = (priceId: string, mode: 'payment' | 'subscription') => user.POST('/api/checkout', { params: { header: { 'idempotency-key': priceId } }, body: { priceId, mode } })
  const once = await order('price_sandbox_onetime', 'payment')
  await clientWith('somebody').POST('/api/checkout', { body: { priceId: 'price_sandbox_onetime', mode: 'payment' } })
  await control('POST', `/checkout/sessions/${once.data?.sessionId}/pay`, {})
  const subscribed = await order('price_sandbox_monthly', 'subscription')
  const { subscription } = await control('POST', `/checkout/sessions/${subscribed.data?.sessionId}/pay`, {})
  await deliver()
  const { invoice } = await control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  await deliver()
  await control('POST', '/refunds', { invoice: invoice?.id, amount: 500 })
  await deliver()

  // A backend that reports what it knows, and one that sends an event as Stripe does.
  await backend.POST('/api/leads', { body: { customerKey: 'bob', email: 'bob@example.com', clickId: await service.affitor.click() } })
  await backend.POST('/api/attribution', { body: { customerKey: 'bob' } })
  const sale = { customerKey: 'bob', transactionId: 'order_1', amountCents: 4900, currency: 'USD', occurredAt: new Date().toISOString() }
  await backend.POST('/api/sales', { body: sale })
  await backend.POST('/api/sales', { body: sale })
  await backend.POST('/api/sales', { body: { ...sale, amountCents: 1 } })
  await backend.POST('/api/sales', { body: { ...sale, transactionId: 'order_2' } })
  await backend.POST('/api/refunds', { body: { saleTransactionId: 'order_1', reason: 'requested_by_customer' } })
  await backend.POST('/api/refunds', { body: { saleTransactionId: 'nowhere' } })
  const snapshot: Snapshot = { ...stripeEvent({ type: 'customer.created' }), object: 'event' }
  await backend.POST('/api/stripe-events', { body: snapshot })
  await send(snapshot, 't=1,v1=00')

  // An operator who looks at all of it, and deals with what needs attention.
  const events = await operator.GET('/api/tracking/events', { params: { query: { limit: 200 } } })
  await operator.GET('/api/tracking/events', { params: { query: { limit: 1 } } })
  for (const { id } of events.data?.events ?? []) await operator.GET('/api/tracking/events/{id}', { params: { path: { id } } })
  await operator.GET('/api/tracking/events/{id}', { params: { path: { id: 999_999 } } })
  await operator.GET('/api/tracking/events.csv', { params: { query: { kind: 'sale' } }, parseAs: 'text' })
  await query(service.connectionString, "update tracking_events set state = 'needs_attention', reason = 'transaction_id_used_up', next_attempt_at = null, settled_at = now(), attention_since = now() where transaction_id = 'order_2'")
  const params = { path: { id: events.data?.events.find(({ transactionId }) => transactionId === 'order_2')?.id ?? 0 } }
  await operator.GET('/api/tracking/attention')
  await operator.POST('/api/tracking/events/{id}/resolve', { params, body: { note: 'Credited by hand.', by: 'Grace' } })
  await operator.POST('/api/tracking/events/{id}/reopen', { params, body: { by: 'Grace' } })
  await operator.POST('/api/tracking/attention/resolve', { body: { reason: 'transaction_id_used_up', note: 'Credited by hand.' } })
  await operator.POST('/api/tracking/events/{id}/reopen', { params })
  await operator.POST('/api/tracking/events/{id}/retry', { params })
  await operator.POST('/api/tracking/events/{id}/hold', { params })
  await operator.POST('/api/tracking/events/{id}/hold', { params })
  await operator.POST('/api/tracking/attention/retry', { body: { reason: 'transaction_id_used_up' } })
  const stored = await operator.GET('/api/tracking/stripe-events')
  const stripeParams = { path: { id: stored.data?.events.at(-1)?.id ?? '' } }
  await operator.GET('/api/tracking/stripe-events/{id}', { params: stripeParams })
  await operator.POST('/api/tracking/stripe-events/{id}/retry', { params: stripeParams })
  await operator.POST('/api/tracking/stripe-events/{id}/resolve', { params: stripeParams, body: { note: 'Done.' } })
  await operator.POST('/api/tracking/stripe-events/{id}/reopen', { params: stripeParams })
  await service.work()
  await operator.GET('/api/tracking/search', { params: { query: { q: credentials.email } } })
  for (const customerKey of [userId, 'bob', 'nobody']) {
    const params = { path: { customerKey } }
    await operator.GET('/api/tracking/customers/{customerKey}', { params })
    await operator.GET('/api/tracking/customers/{customerKey}/export', { params })
  }
  await operator.GET('/api/tracking/funnel', { params: { query: { period: '7d' } } })
  await operator.GET('/api/tracking/deliveries')
  await operator.GET('/api/tracking/program')
  await operator.GET('/api/tracking/checks')
  await operator.GET('/api/tracking/summary')
  await operator.DELETE('/api/tracking/customers/{customerKey}/personal-data', { params: { path: { customerKey: userId } } })
  await operator.GET('/api/tracking/customers/{customerKey}', { params: { path: { customerKey: userId } } })
  await anyone.GET('/health/live')
  await anyone.GET('/health/ready')
  return answers
}

async function answerOf (request: Request, response: Response): Promise<Answer> {
  const { pathname } = new URL(request.url)
  const operation = operations.find(({ method, pattern }) => method === request.method && pattern.test(pathname))
  const contentType = response.headers.get('content-type') ?? ''
  const text = await response.text()
  return { operationId: operation?.operationId ?? `${request.method} ${pathname}`, status: response.status, contentType, body: contentType.includes('json') && text !== '' ? JSON.parse(text) : null }
}
