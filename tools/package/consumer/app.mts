import Fastify from 'fastify'
import pg from 'pg'
import Stripe from 'stripe'
import affitor, { createAffitor } from 'fastify-affitor'
import type { Affitor, AffitorPluginOptions, TrackResult } from 'fastify-affitor'
import { components, ref, SaleEvent } from 'fastify-affitor/schemas'
import { startStandIns } from 'fastify-affitor/testing'
import type { RecordedSale, StandIns } from 'fastify-affitor/testing'

const stripe = new Stripe('sk_test_of_the_consumer')
const options: AffitorPluginOptions = {
  database: new pg.Pool(),
  stripe,
  affitor: { apiKey: 'aff_of_the_consumer', programId: '42' },
  webhook: { secrets: 'whsec_of_the_consumer' }
}

export async function build () {
  const app = Fastify()
  await app.register(affitor, options)
  app.post('/join', async request => {
    const stored: TrackResult = await app.affitor.trackLead({ customerExternalId: 'user_1', clickId: app.affitor.clickId(request) })
    return stored.id
  })
  app.post('/buy', async () => await stripe.checkout.sessions.create(app.affitor.withAttribution(
    { mode: 'payment', line_items: [{ price: 'price_1', quantity: 1 }], success_url: 'https://app.example' }, { customerExternalId: 'user_1' })))
  return app
}

export async function work (): Promise<Affitor> {
  return await createAffitor(options)
}

export async function sales (): Promise<RecordedSale[]> {
  const standIns: StandIns = await startStandIns()
  // @ts-expect-error: a page of the stand-in, and no method
  standIns.stripe.page()
  await standIns.stripe.pay('cs_test_1')
  return standIns.affitor.sales()
}

export function shows (app: ReturnType<typeof Fastify>) {
  for (const schema of components) app.addSchema(schema)
  app.get('/sales', { schema: { response: { 200: ref(SaleEvent) } } }, async () => null)
}

// A type has the name of its schema.
export function paidCents ({ payload }: SaleEvent): number | undefined {
  return payload?.amountCents
}
