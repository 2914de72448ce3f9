import t from 'tap'
import { redactor } from '../../src/affitor/redact.js'

const KEY = 'our.key/of+the=shop'
const redact = redactor(KEY)

t.test('our key is taken out, however it is written', async t => {
  for (const written of [KEY, KEY.toUpperCase(), encodeURIComponent(KEY), `"${KEY}"`, `Bearer ${KEY}`, `x${KEY}x${KEY}`]) {
    const text = redact(`Affitor does not know ${written}.`)
    t.match(text, /^Affitor does not know .*\[key\]/)
    t.notMatch(text.toLowerCase(), /of\+the|of%2bthe/)
  }
})

t.test('so is what looks like another one of Affitor\'s', async t => {
  for (const key of ['aff_0123456789', 'affk_live_abcDEF', 'AFF_0123...', 'Bearer sk4t9v2x', 'bearer  abcdef12']) {
    t.equal(redact(`The key (${key}) was revoked`).replace(/bearer +/i, ''), 'The key ([key]) was revoked', key)
  }
})

t.test('other words stay as they are', async t => {
  for (const text of [
    '', 'Invalid API key', 'affitor_click_id is required', 'Customer not found. Provide customer_key or click_id.', 'Bearer authentication is required',
    'unknown click cust_42_1714000000000', 'affiliate aff_1', 'https://docs.affitor.com/docs/api-reference/track-sale?aff=CODE'
  ]) t.equal(redact(text), text)
})

t.test('of a JSON value all texts and names are looked at, and nothing else is changed', async t => {
  const value = JSON.parse(`{"success":true,"n":1.5,"none":null,"list":["a",["${KEY}"],{"key":"aff_12345678"}],"the ${KEY}":{"x":["${KEY}"]},"__proto__":"${KEY}"}`)
  t.equal(JSON.stringify(redact(value)), '{"success":true,"n":1.5,"none":null,"list":["a",["[key]"],{"key":"[key]"}],"__proto__":"[key]","the [key]":{"x":["[key]"]}}')
  for (const other of [null, undefined, true, 0]) t.equal(redact(other), other)
})

t.test('a value that is nested deeper than the stack is looked at to its end', async t => {
  const depth = 200_000
  let inner: unknown = redact(JSON.parse(`${'['.repeat(depth)}"${KEY}"${']'.repeat(depth)}`))
  while (Array.isArray(inner)) inner = inner[0]
  t.equal(inner, '[key]')
})
