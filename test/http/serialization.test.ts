import t from 'tap'
import * as contract from '../../schemas/index.js'
import { ref } from '../../schemas/common.js'
import { asWritten, ofAnyApp } from '../../src/http/document.js'
import { buildSerializer } from '../../src/http/serialization.js'

const named = Object.fromEntries(contract.components.map(schema => [schema.$id, schema]))

/** How the service writes an answer of this schema, and how the plugin writes it in an app that has none of the schemas. */
const writers = Object.entries({ 'with references': asWritten, 'whole in itself': ofAnyApp(true) }).map(([name, document]) => ({
  name,
  writerOf (schema: Parameters<typeof ref>[0]) {
    const whole = document({ response: { 200: ref(schema) } }) as { response: Record<string, unknown> }
    const write = buildSerializer(document === asWritten ? named : {}, {})({
      schema: whole.response[200], method: 'GET', url: '/', httpStatus: '200'
    } as unknown as Parameters<ReturnType<typeof buildSerializer>>[0])
    return (value: unknown): unknown => JSON.parse(write(value))
  }
}))

const example = <Event>(schema: { examples?: unknown }) => (schema.examples as Event[])[0] as Event
const lead = example<contract.LeadEvent>(contract.LeadEvent)
const sale = example<contract.SaleEvent>(contract.SaleEvent)
const refund = example<contract.RefundEvent>(contract.RefundEvent)

const { payload: _payload, ...withoutPayload } = sale
const events: Record<string, contract.TrackingEvent> = {
  lead,
  sale,
  refund,
  'a payload that cannot be read': { ...withoutPayload, unreadablePayload: { v: 9, price: 'much', parts: [{ cents: 1 }] } },
  'what was resolved': { ...sale, resolution: { note: 'Paid by hand.', by: null, at: '2026-11-01T12:00:00.000Z' } },
  // Requests are held to their schema, stored rows are told as they are.
  'a customer key that no request could bring': { ...refund, customerKey: 'k'.repeat(201) },
  'a time far ahead': { ...lead, occurredAt: '+012345-01-01T00:00:00.000Z' }
}

for (const { name, writerOf } of writers) {
  t.test(`a tracking event of every kind is written without loss, ${name}`, async t => {
    const write = writerOf(contract.TrackingEvent)
    const writePage = writerOf(contract.TrackingEventPage)
    for (const [what, event] of Object.entries(events)) t.same(write(event), event, what)
    const page = { events: Object.values(events), nextCursor: null }
    t.same(writePage(page), page)
  })

  t.test(`an entry of every type is written without loss, ${name}`, async t => {
    const at = '2026-11-01T12:00:00.000Z'
    const story: contract.CustomerStory = {
      customerKey: 'user_1',
      email: null,
      verdict: 'One payment.',
      clickId: null,
      stripeReferences: [],
      entries: [
        { at, kind: 'checkout', checkout: { sessionId: 'cs_1', priceId: 'price_1', mode: 'payment', quantity: 1 } },
        ...Object.values(events).map(trackingEvent => ({ at, kind: 'fact' as const, trackingEvent })),
        { at, kind: 'attempt', attempt: { trackingEventId: 17, attempt: 1, status: 200, error: null, durationMs: 48 } },
        { at, kind: 'action', action: { action: 'resolve', trackingEventId: 17, stripeEventId: null, note: 'Done.', by: null } }
      ]
    }
    t.same(writerOf(contract.CustomerStory)(story), story)
  })
}
