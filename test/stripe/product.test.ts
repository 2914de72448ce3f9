import t from 'tap'
import type Stripe from 'stripe'
import { newId } from '../../sandbox/stripe/ids.js'
import { invoiceLineItem, linePricing, price } from '../../sandbox/stripe/objects/index.js'
import type { AnyInvoice } from '../../src/stripe/interpret/objects.js'
import { productOfInvoice } from '../../src/stripe/interpret/product.js'
import type { InterpretContext } from '../../src/stripe/interpret/interpretation.js'
import { families, metadataOf, paidInvoice, stripeEvent } from '../fixtures/index.js'
import type { Buyer } from '../fixtures/index.js'
import { startAffitor } from '../helpers/affitor.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { startStripe } from '../helpers/stripe.js'

const LICENCE = 'prod_sandbox_lifetime_licence'
const PRO = 'prod_sandbox_pro_plan'
const MAX = 'prod_sandbox_max_plan'
const SETUP = 'prod_sandbox_setup'
const prices = [
  { id: 'price_max', unitAmount: 9900, currency: 'usd', productName: 'Max plan', interval: 'month' },
  { id: 'price_setup', unitAmount: 500, currency: 'usd', productName: 'Setup' },
  { id: 'price_free', unitAmount: 0, currency: 'usd', productName: 'Sticker' }
] as const

// Events are held, so that a test chooses the order in which they arrive.
t.test('which product was bought', async t => {
  const affitor = await startAffitor(t, { partners: [{ code: 'TESTCODE', commissionRate: 0.2, productRates: { [LICENCE]: 0.5 } }] })
  const service = await startBookkeeper(t, { affitor, stripe: await startStripe(t, { prices }) })
  const { client, control, sandbox: { stripe: { state } } } = service.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })

  /** A paid Checkout Session over one of each price. */
  async function buy (buyer: Buyer, priceIds: string[], how: { trialDays?: number, create?: object } = {}) {
    const mode = priceIds.some(id => state.prices.get(id)?.recurring != null) ? 'subscription' : 'payment'
    const { id } = await client.checkout.sessions.create({
      mode,
      line_items: priceIds.map(price => ({ price, quantity: 1 })),
      success_url: 'https://shop.example',
      metadata: metadataOf(buyer),
      ...(mode === 'subscription' && { subscription_data: { metadata: metadataOf(buyer), ...(how.trialDays !== undefined && { trial_period_days: how.trialDays }) } }),
      ...how.create
    })
    return await control('POST', `/checkout/sessions/${id}/pay`, {})
  }
  const sessionEvent = ({ session }: { session: Stripe.Checkout.Session }) => stripeEvent('checkout.session.completed', session)
  /** Of an invoice as Stripe's own event shows it. */
  const invoiceEvent = (invoice: Stripe.Invoice | null) => {
    const found = [...state.events.values()].find(({ event }) => event.type === 'invoice.paid' && event.data.object.id === invoice?.id)
    return stripeEvent('invoice.paid', found?.event.data.object as Stripe.Invoice)
  }
  const toldProduct = (id: string | undefined) => service.told(id ?? '').map(({ product_id: product }) => product)

  await t.test('a one-time payment is told with its product, and earns the share of that product', async t => {
    const { session } = await buy(await service.buyer(), ['price_sandbox_onetime'])
    await service.receive(sessionEvent({ session }))
    t.match(service.told(session.id), [{ product_id: LICENCE, amount_cents: 4900, sale_type: 'payment', status: 200 }])
    const sale = affitor.sandbox.affitorState.sales.find(({ transactionId }) => transactionId === session.id)
    t.equal(sale?.productId, LICENCE)
    t.equal(affitor.sandbox.affitorState.commissions.find(({ saleId }) => saleId === sale?.id)?.amountCents, 2450)
  })

  await t.test('a renewal is told with its product, an upgrade with the one that was charged', async t => {
    const buyer = await service.buyer()
    const bought = await buy(buyer, ['price_sandbox_monthly'])
    const renewed = await control('POST', `/subscriptions/${bought.subscription?.id}/renew`, {})
    const upgraded = await control('POST', `/subscriptions/${bought.subscription?.id}/upgrade`, { price: 'price_max' })
    t.match(upgraded.invoice?.lines.data, [{ amount: -1900, pricing: { price_details: { product: PRO } } }, { amount: 9900, pricing: { price_details: { product: MAX } } }])
    const next = await control('POST', `/subscriptions/${bought.subscription?.id}/renew`, {})
    await service.receive(sessionEvent(bought), ...[renewed, upgraded, next].map(({ invoice }) => invoiceEvent(invoice)))
    t.same([bought.session, renewed.invoice, upgraded.invoice, next.invoice].map(paid => toldProduct(paid?.id)), [[PRO], [PRO], [MAX], [MAX]])
  })

  for (const first of ['session', 'invoice'] as const) {
    await t.test(`session and invoice of one payment tell the same product (${first} first)`, async t => {
      for (const [priceIds, told] of [
        [['price_sandbox_monthly'], { productId: PRO }],
        [['price_sandbox_monthly', 'price_setup'], { productNote: 'several_products' }],
        [['price_sandbox_monthly', 'price_free'], { productId: PRO }]
      ] as const) {
        const buyer = await service.buyer()
        const bought = await buy(buyer, [...priceIds])
        const events = [sessionEvent(bought), invoiceEvent(bought.invoice)]
        await service.receive(...(first === 'session' ? events : events.reverse()))
        const facts = await service.facts(buyer)
        t.same(facts.map(({ transactionId }) => transactionId).sort(), [bought.session.id, bought.invoice?.id].sort())
        for (const { payload } of facts) t.match(payload, told)
      }
    })
  }

  await t.test('an invoice that Stripe lists no session for yet tells what its session would', async t => {
    const buyer = await service.buyer()
    const bought = await buy(buyer, ['price_sandbox_monthly', 'price_free'])
    state.sessions.delete(bought.session.id)
    await service.receive(invoiceEvent(bought.invoice))
    t.same(toldProduct(bought.invoice?.id), [PRO])
  })

  await t.test('of several products in one payment none is told, and the sale says so', async t => {
    const buyer = await service.buyer()
    const { session } = await buy(buyer, ['price_sandbox_onetime', 'price_setup'])
    await service.receive(sessionEvent({ session }))
    t.match(await service.facts(buyer), [{ state: 'delivered', payload: { productId: undefined, productNote: 'several_products' } }])
    t.same(toldProduct(session.id), [undefined])
    t.notOk('product_note' in (service.told(session.id)[0] ?? {}))
  })

  await t.test('several prices of one product are that product', async t => {
    const { session } = await buy(await service.buyer(), ['price_sandbox_onetime', 'price_sandbox_onetime'])
    await service.receive(sessionEvent({ session }))
    t.same(toldProduct(session.id), [LICENCE])
  })

  await t.test('what is free, or in its trial, is not what was bought', async t => {
    const free = await buy(await service.buyer(), ['price_free', 'price_sandbox_onetime'])
    const trial = await buy(await service.buyer(), ['price_sandbox_monthly', 'price_setup'], { trialDays: 14 })
    await service.receive(sessionEvent(free), sessionEvent(trial))
    t.same([free, trial].map(({ session }) => toldProduct(session.id)), [[LICENCE], [SETUP]])
  })

  await t.test('a session of more than ten lines is read to its end', async t => {
    const ten = Array.from({ length: 10 }, () => 'price_sandbox_onetime')
    const one = await buy(await service.buyer(), [...ten, 'price_sandbox_onetime'])
    const buyer = await service.buyer()
    const several = await buy(buyer, [...ten, 'price_setup'])
    await service.receive(sessionEvent(one), sessionEvent(several))
    t.same([one, several].map(({ session }) => toldProduct(session.id)), [[LICENCE], [undefined]])
    t.match(await service.facts(buyer), [{ payload: { productNote: 'several_products' } }])
  })

  await t.test('an invoice of more than ten lines is read to its end', async t => {
    async function bill (buyer: Buyer, priceIds: string[]) {
      const { id: customer } = await client.customers.create({ email: 'buyer@example.com' })
      const { id } = await client.invoices.create({ customer, metadata: metadataOf(buyer) })
      for (const price of priceIds) await client.invoiceItems.create({ customer, invoice: id, pricing: { price } })
      await client.invoices.finalizeInvoice(id)
      await client.invoices.pay(id, { paid_out_of_band: true })
      return invoiceEvent(state.invoices.get(id) as Stripe.Invoice)
    }
    const ten = Array.from({ length: 10 }, () => 'price_sandbox_onetime')
    const one = await bill(await service.buyer(), [...ten, 'price_sandbox_onetime'])
    const buyer = await service.buyer()
    const several = await bill(buyer, [...ten, 'price_setup'])
    t.match([one, several].map(({ data }) => (data.object as Stripe.Invoice).lines), [{ has_more: true, data: { length: 10 } }, { has_more: true }])
    await service.receive(one, several)
    t.same([one, several].map(({ data }) => toldProduct((data.object as Stripe.Invoice).id)), [[LICENCE], [undefined]])
    t.match(await service.facts(buyer), [{ payload: { productNote: 'several_products' } }])
  })

  await t.test('a payment of the app\'s own form names no product, and the sale says so', async t => {
    const buyer = await service.buyer()
    const intent = await client.paymentIntents.create({ amount: 4900, currency: 'usd', metadata: metadataOf(buyer) })
    const { payment_intent: paid } = await control('POST', `/payment_intents/${intent.id}/pay`, {})
    await service.receive(stripeEvent('payment_intent.succeeded', paid as Stripe.PaymentIntent))
    t.match(await service.facts(buyer), [{ state: 'delivered', payload: { productId: undefined, productNote: 'no_product' } }])
    t.same(toldProduct(intent.id), [undefined])
  })

  await t.test('a payment that is captured later is told with its product', async t => {
    const buyer = await service.buyer()
    const { session, payment_intent: intent } = await buy(buyer, ['price_sandbox_onetime'], { create: { payment_intent_data: { capture_method: 'manual', metadata: metadataOf(buyer) } } })
    const captured = await client.paymentIntents.capture(intent?.id ?? '')
    await service.receive(stripeEvent('payment_intent.succeeded', captured))
    t.same(toldProduct(session.id), [LICENCE])
  })
})

t.test('SEND_PRODUCT_ID=false: no product is told, and Stripe is not asked for it', async t => {
  const service = await startBookkeeper(t, { variables: { SEND_PRODUCT_ID: 'false' } })
  const buyer = await service.buyer()
  const id = await service.checkOut(buyer.accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${id}/pay`, {})
  await service.work()
  t.match(service.told(id), [{ amount_cents: 4900, product_id: undefined, status: 200 }])
  const [fact] = await service.facts(buyer)
  t.notOk('productId' in (fact?.payload ?? {}) || 'productNote' in (fact?.payload ?? {}))
})

const context = {
  settings: { sendProductId: true, saleSource: 'webhook' },
  stripe: { invoiceLines: async () => { throw new Error('All lines are there') } }
} as unknown as InterpretContext

t.test('an invoice names its product in every shape', async t => {
  const sold = price({ product: 'prod_1' })
  for (const family of families) {
    const { data } = stripeEvent('invoice.paid', paidInvoice(null, { price: sold }), { family, price: sold })
    t.same(await productOfInvoice(data.object as AnyInvoice, context), { productId: 'prod_1' }, family)
  }
  const onPlan = { lines: { data: [{ amount: 500, price: null, plan: { product: 'prod_2' } }] } } as unknown as AnyInvoice
  t.same(await productOfInvoice(onPlan, context), { productId: 'prod_2' })
})

t.test('of the lines of an invoice, those that were paid for tell the product', async t => {
  const line = (product: string | null, amount: number, discount = 0) => invoiceLineItem({
    amount,
    discount_amounts: discount === 0 ? [] : [{ amount: discount, discount: newId('di_1') }],
    pricing: product === null ? null : linePricing(price({ product }))
  })
  for (const [what, lines, told] of [
    ['a credit for the old product, the charge for the new one, and its next period', [line('old', -900), line('new', 1500), line('new', 4900)], { productId: 'new' }],
    ['a change that was taken back at once', [line('old', -900), line('new', 1500), line('new', -1500), line('old', 900), line('other', 4900)], { productId: 'other' }],
    ['one that a coupon gave away', [line('gift', 500, 500), line('paid', 4900, 100)], { productId: 'paid' }],
    ['a discount that is a line without a product', [line('paid', 4900), line(null, -400)], { productId: 'paid' }],
    ['something without a product beside', [line('paid', 4900), line(null, 400)], { productNote: 'several_products' }],
    ['something without a product alone', [line(null, 400)], { productNote: 'no_product' }],
    ['nothing but a trial, where something owed from before is paid', [line('trial', 0)], { productId: 'trial' }],
    ['no lines', [], { productNote: 'no_product' }]
  ] as const) {
    for (const data of [[...lines], [...lines].reverse()]) {
      t.same(await productOfInvoice({ lines: { data } } as unknown as AnyInvoice, context), told, what)
    }
  }
})
