import t from 'tap'
import { openLedger } from '../helpers/ledger.js'

t.test('a sale holds its product, or a known reason why there is none, never both', async t => {
  const ledger = await openLedger(t)
  const add = (more: object) => ledger.add({ payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false, ...more } })
  for (const fine of [{}, { productId: 'prod_1' }, { productNote: 'several_products' }, { productNote: 'no_product' }]) await t.resolves(add(fine))
  for (const wrong of [{ productId: 'prod_1', productNote: 'no_product' }, { productNote: 'whatever' }, { productNote: null }, { productId: 7 }]) {
    await t.rejects(add(wrong), { code: '23514', constraint: 'tracking_events_sale_payload' }, JSON.stringify(wrong))
  }
})
