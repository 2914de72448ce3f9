import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decimalsOf, formatMoney, inMainUnit, parseMoney } from '#money'

/** The exceptions of https://docs.stripe.com/currencies, each with an amount of the API and what it is in the main unit. */
const NO_DECIMALS = ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF']
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND']
/** "Special cases": amounts come in hundredths, although the currency, or its payouts, have no decimals. */
const SPECIAL = ['ISK', 'UGX', 'HUF', 'TWD']

const exceptions: Array<[currencies: string[], decimals: number, amount: number, main: number, shown: RegExp]> = [
  [NO_DECIMALS, 0, 1500, 1500, /(^|[^\d.,])1,500$/],
  [THREE_DECIMALS, 3, 5120, 5.12, /(^|[^\d.,])5\.120$/],
  [SPECIAL, 2, 500, 5, /(^|[^\d.,])5\.00$/],
  [['USD', 'EUR', 'GBP', 'INR', 'AFN', 'IDR', 'LAK', 'MMK'], 2, 150_050, 1500.5, /(^|[^\d.,])1,500\.50$/]
]
for (const [currencies, decimals, amount, main, shown] of exceptions) {
  for (const currency of currencies) {
    t.test(`Stripe's amounts in ${currency} have ${decimals} decimals`, async t => {
      for (const code of [currency, currency.toLowerCase()]) {
        t.equal(decimalsOf(code), decimals)
        t.equal(inMainUnit(amount, code), main)
        t.match(formatMoney(amount, code), shown)
      }
      t.equal(parseMoney(String(main), currency), amount)
      t.equal(parseMoney(`1${decimals === 0 ? '' : '.'}${'0'.repeat(decimals)}`, currency), 10 ** decimals)
      t.equal(parseMoney(`1.${'1'.repeat(decimals + 1)}`, currency), null, 'a part of the smallest unit')
    })
  }
}

t.test('amounts are shown as people write them', async t => {
  t.same([
    formatMoney(4900, 'USD'), formatMoney(4900, 'usd', { short: true }), formatMoney(950, 'EUR', { short: true }), formatMoney(0, 'USD'),
    formatMoney(-1950, 'EUR'), formatMoney(4900, 'jpy'), formatMoney(5120, 'KWD', { short: true }), formatMoney(5000, 'KWD', { short: true })
  ], ['$49.00', '$49', '€9.50', '$0.00', '−€19.50', '¥4,900', 'KWD\u00a05.120', 'KWD\u00a05'])
  t.same(['CREDITS', '', '€'].map(currency => formatMoney(-4900, currency)), ['−49.00 CREDITS', '−49.00 ', '−49.00 €'], 'no currency')
})

t.test('what a person types is read with a point or a comma', async t => {
  for (const text of ['4.50', '4,50', ' 4.5 ', '04.50']) t.equal(parseMoney(text, 'USD'), 450, text)
  t.equal(parseMoney('4', 'USD'), 400)
  for (const text of ['', ' ', '0', '0.00', '-1', '1.234', '1.', '.5', '1,234.50', '1e3', '0x10', 'four', '１', '9'.repeat(10)]) t.equal(parseMoney(text, 'USD'), null, text)
})

t.test('no other file counts decimals or formats amounts', async t => {
  const root = join(import.meta.dirname, '..')
  const files = ['src', 'public', 'sandbox'].flatMap(folder => readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
    .filter(file => /\.(ts|js)$/.test(file)).map(file => join(folder, file)))
  const formatting = files.filter(file => /style: 'currency'|maximumFractionDigits|\/ 100\)\.toFixed|\bXPF\b/i.test(readFileSync(join(root, file), 'utf8')))
  t.same(formatting, [join('public', 'money.js')])
})
