import fc from 'fast-check'
import type { Schema } from './document.js'

/** How a text travels: a header and an address cannot carry every character. */
export type Transport = 'json' | 'address' | 'header'

const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCodePoint(0x21 + i))
const HARD = ['\u00e9', '\u00df', '\u0130', '\u6f22', '\u{1f600}', '\u{1f468}\u200d', '\u0301', '\u202e', '\u2028', '\ufeff', '\ufffd', '\uffff', '\u{10ffff}']
  .flatMap(text => [...text])
const CONTROLS = [' ', '\t', '\n', '\r', '\u0000', '\u0001', '\u007f', '\u0085']
/** Node's HTTP client refuses the rest, and whitespace at the ends is not part of a header's value. */
const IN_HEADERS = [...PRINTABLE, '\u00e9', '\u00df']

const LONGEST_UNBOUNDED = 30

/** Texts that the schema allows, also of exactly its shortest and longest length in characters. */
export function text (schema: Schema, transport: Transport): fc.Arbitrary<string> {
  if (schema.format !== undefined) return formatted(schema.format, schema)
  const { unit, shortest, longest } = shapeOf(schema, transport)
  const ofLength = (minLength: number, maxLength: number) => fc.string({ unit, minLength, maxLength, size: 'max' })
  return fc.oneof(
    { arbitrary: ofLength(shortest, Math.min(longest, Math.max(shortest, LONGEST_UNBOUNDED))), weight: 4 },
    { arbitrary: ofLength(shortest, shortest), weight: 1 },
    { arbitrary: ofLength(longest, longest), weight: 1 },
    // Length counts characters, of which some take two places in a string of JavaScript's.
    ...['x', '1', '\u{1f600}'].filter(character => accepts(schema, character) && (transport !== 'header' || character < '\u0100'))
      .map(character => ({ arbitrary: fc.constant(character.repeat(longest)), weight: 1 }))
  )
}

/** Texts with one character that the pattern refuses. */
export function textOffPattern (schema: Schema, transport: Transport): fc.Arbitrary<string> | undefined {
  const { shortest, longest } = shapeOf(schema, transport)
  const characters = alphabet(transport).concat(transport === 'json' ? ['\ud800', '\udc00'] : []).filter(character => !accepts(schema, character))
  if (characters.length === 0) return undefined
  return fc.tuple(fc.constantFrom(...characters), text(schema, transport), fc.nat())
    .map(([bad, good, position]) => {
      const rest = [...good].slice(0, Math.max(longest - 1, shortest))
      return [...rest.slice(0, position % (rest.length + 1)), bad, ...rest.slice(position % (rest.length + 1))].join('')
    })
}

interface Shape { unit: fc.Arbitrary<string>, shortest: number, longest: number }

function shapeOf (schema: Schema, transport: Transport): Shape {
  const [, , fewest, most] = partsOf(schema.pattern)
  const characters = alphabet(transport).filter(character => accepts(schema, character))
  const anyCharacter = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(character => accepts(schema, character))
  const shortest = Math.max(schema.minLength ?? 0, fewest)
  return {
    unit: transport !== 'header' && accepts(schema, '\u{10abcd}') ? fc.oneof(fc.constantFrom(...characters), anyCharacter) : fc.constantFrom(...characters),
    shortest,
    longest: Math.min(schema.maxLength ?? shortest + LONGEST_UNBOUNDED, most)
  }
}

function alphabet (transport: Transport): string[] {
  return transport === 'header' ? IN_HEADERS : [...PRINTABLE, ...HARD, ...CONTROLS]
}

function accepts (schema: Schema, character: string): boolean {
  return new RegExp(`^${partsOf(schema.pattern)[1]}$`, 'u').test(character)
}

type PatternParts = [pattern: string, characters: string, fewest: number, most: number]

/** Our patterns are one class of characters, or a group of some, repeated. */
function partsOf (pattern: string = '^[^]*$'): PatternParts {
  const [, characters, repeat, fewest, most] = /^\^(\[(?:[^\]\\]|\\.)*\]|\(\?:[^()]*\))(\*|\+|\{(\d+),(\d+)\})\$$/.exec(pattern) ?? []
  if (characters === undefined || repeat === undefined) throw new Error(`No text can be made for the pattern ${pattern}`)
  if (repeat === '*' || repeat === '+') return [pattern, characters, repeat === '+' ? 1 : 0, Infinity]
  return [pattern, characters, Number(fewest), Number(most)]
}

const BAD: Record<string, string[]> = {
  email: ['', ' ', 'ada', 'ada@', '@example.com', 'ada@example', 'ada@@example.com', ' ada@example.com', 'ada@example.com\n', 'ada@ex ample.com', 'a@b.c, d@e.f', '\u00e9@example.com'],
  uri: ['', 'no scheme', '//example.com', 'http://exa mple.com', 'http://[::1'],
  'date-time': ['', 'today', '2026-11-01', '2026-13-01T00:00:00Z', '2026-11-01T25:00:00Z', '2026-11-01T00:00:00']
}

export function textOffFormat ({ format }: Schema): fc.Arbitrary<string> | undefined {
  return format === undefined ? undefined : fc.constantFrom(...BAD[format] ?? [])
}

function formatted (format: string, { maxLength = 254 }: Schema): fc.Arbitrary<string> {
  switch (format) {
    case 'email': {
      const domain = '@example.com'
      const longest = `${'a'.repeat(maxLength - domain.length)}${domain}`
      return fc.oneof({ arbitrary: fc.emailAddress(), weight: 6 }, { arbitrary: fc.emailAddress().map(email => email.toUpperCase()), weight: 2 }, { arbitrary: fc.constant(longest), weight: 1 })
    }
    case 'uri': return fc.webUrl({ withFragments: true, withQueryParameters: true })
    case 'date-time': return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59Z') }).map(date => date.toISOString())
    default: throw new Error(`No text can be made for the format "${format}"`)
  }
}
