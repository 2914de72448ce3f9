import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { isStorable, STORABLE_TEXT } from '../../schemas/common.js'

/** Texts of which many are just within a pattern, or just outside. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '7', '_', '.', ' ', '\n', '\u0000', '\u00e9', '\u{1f600}', '\ud800', '\udbff', '\udc00', '\udfff', '\uffff'), maxLength: 6 })
)

function patternsOf (part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) => key === 'pattern' && typeof value === 'string' ? [value] : patternsOf(value))
}

t.test('every pattern of the document says the same with the flag "u" and without', async t => {
  const patterns = new Set(patternsOf(JSON.parse(await readFile('openapi.json', 'utf8'))))
  t.ok(patterns.has(STORABLE_TEXT) && patterns.size > 3, `${patterns.size} patterns`)
  for (const pattern of patterns) {
    const [withFlag, without] = [new RegExp(pattern, 'u'), new RegExp(pattern)]
    fc.assert(fc.property(texts, text => withFlag.test(text) === without.test(text)), { examples: [['correct horse \u{1f40e}'], ['\ud800'], ['\udc00\ud800']] })
    t.pass(pattern)
  }
})

t.test('what the pattern of texts lets pass is what can be stored', async t => {
  for (const flags of ['u', '']) {
    const pattern = new RegExp(STORABLE_TEXT, flags)
    fc.assert(fc.property(texts, text => pattern.test(text) === isStorable(text)))
    t.ok(pattern.test('correct horse \u{1f40e}'), `an emoji in a password, flags "${flags}"`)
    t.notOk(pattern.test('a\ud800b'), `half of a surrogate pair, flags "${flags}"`)
    t.notOk(pattern.test('x'.repeat(100_000) + '\u0000'), `a long text that cannot be stored, flags "${flags}"`)
  }
})
