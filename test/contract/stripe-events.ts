import fc from 'fast-check'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import type { World } from './credentials.js'
import type { Body, BrokenBody } from './json-bodies.js'

type Json = Record<string, unknown>

const VISIBLE = fc.integer({ min: 0x21, max: 0x7e }).map(code => String.fromCharCode(code))
/** Seconds of the year 9999's end. */
const LATEST = 253_402_300_799
const HARD_TEXTS = ['', '\u0000', 'a\u0000b', '\ud800', '\udc00\ud800', '\u{1f600}', 'x'.repeat(5_000), '__proto__', 'cus_', '../v1/charges', 'null', '2026-11-01']
const HARD_NUMBERS = [0, -0, -1, 1, 0.5, 4900, 1e21, 1e308, -1e308, 2 ** 31, 2 ** 53, LATEST, LATEST + 1, 1e12, 1e13, -62_167_219_200, -62_167_219_201]

/** Signed bodies that are taken: an envelope in order, around an object of any shape. */
export function validEvent (world: World): fc.Arbitrary<Body> {
  return fc.tuple(event(world), fc.option(nesting, { freq: 15 }), fc.constantFrom(0, 2)).map(([made, nested, indent]) => {
    if (nested === null) return { text: JSON.stringify(made, null, indent), contentType: 'application/json; charset=utf-8' }
    const text = JSON.stringify({ ...made, data: { object: { nested: null, ...made.data.object } } }, null, indent)
    return { text: text.replace(/(?<="nested": ?)null/, nested), contentType: 'application/json; charset=utf-8' }
  })
}

/** Signed bodies that are no event. */
export function brokenEvents (world: World): BrokenBody[] {
  const withField = (name: string, ...values: unknown[]): BrokenBody => ({
    how: `event's ${name} broken`,
    expected: [400],
    body: fc.tuple(event(world), fc.constantFrom(undefined, ...values)).map(([made, value]) => ({ text: JSON.stringify({ ...made, [name]: value }) }))
  })
  const asText = (how: string, expected: number[], ...changes: Array<(text: string) => Body>): BrokenBody =>
    ({ how, expected, body: fc.tuple(event(world), fc.constantFrom(...changes)).map(([made, change]) => change(JSON.stringify(made))) })
  return [
    withField('id', '', 'evt 1', 'evt_\u0000', 'x'.repeat(256), '\u00e9', 1, null, {}),
    withField('object', 'v2.core.event', 'list', 1, null),
    withField('type', 1, null, {}, []),
    withField('created', -1, 1.5, LATEST + 1, 1e300, '1793534400', null),
    withField('livemode', 'false', 0, null),
    withField('data', null, [], {}, { object: null }, { object: [] }, { object: 'text' }),
    asText('signed, not JSON', [400],
      text => ({ text: text.slice(0, -1) }), text => ({ text: `${text}x` }), () => ({}), () => ({ text: 'null' }), () => ({ text: '[]' }), () => ({ text: '"event"' }), text => ({ text: text.replace('{', '{"a":"\u0000",') }), text => ({ text: `\ufeff${text}` })),
    asText('signed, not UTF-8', [400],
      text => ({ base64: Buffer.from(text.replace('{', '{"a":"\u00e9",'), 'latin1').toString('base64') }), text => ({ base64: Buffer.from(text, 'utf16le').toString('base64') })),
    asText('too large', [413], text => ({ text: text.replace('{', `{"a":"${'x'.repeat(1024 * 1024)}",`) }))
  ]
}

interface Event extends Json { data: { object: Json } }

function event (world: World): fc.Arbitrary<Event> {
  const past = world.events.map(text => JSON.parse(text) as Json & { type: string, data: { object: Json } })
  const ids = [...new Set(past.flatMap(({ data }) => textsIn(data)).filter(text => /^(cs|in|pi|ch|re|sub|cus|du|dp|evt|price)_/.test(text)))]
  const values = jsonValue([...ids, ...(world.known.customerKey ?? [])])
  const keys = [...new Set(past.flatMap(({ data }) => pathsIn(data.object).flat()))]
  const anyObject = fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ unit: 'binary' })), values, { maxKeys: 15, noNullPrototype: true })
  const change = fc.record({ at: fc.nat(), value: fc.option(values, { nil: undefined }) })
  const nearOurs = fc.tuple(fc.constantFrom(...past), fc.array(change, { maxLength: 4 }))
    .map(([{ type, data }, changes]) => ({ type, object: changes.reduce(changed, data.object) }))
  const ofAnyShape = fc.record({ type: fc.constantFrom(...NEEDED_EVENT_TYPES), object: anyObject })
  const notNeeded = fc.record({ type: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('customer.created', 'toString', '__proto__', 'a\u0000', '\ud800')), object: anyObject })
  return fc.record({
    about: fc.oneof({ arbitrary: nearOurs, weight: 6 }, { arbitrary: ofAnyShape, weight: 3 }, { arbitrary: notNeeded, weight: 1 }),
    id: fc.oneof({ arbitrary: fc.uuid().map(id => `evt_${id}`), weight: 8 }, { arbitrary: fc.string({ unit: VISIBLE, minLength: 1, maxLength: 255, size: 'max' }), weight: 2 }),
    // Absent where undefined.
    api_version: fc.constantFrom('2026-10-28.endive', '2020-08-27', null, undefined, 'x'.repeat(100)),
    created: fc.oneof(fc.integer({ min: 1_790_000_000, max: 1_800_000_000 }), fc.constantFrom(0, LATEST)),
    livemode: fc.integer({ max: 9, min: 0 }).map(n => n === 0)
  }).map(({ about: { type, object }, ...rest }) => ({ ...rest, object: 'event', type, data: { object }, pending_webhooks: 1, request: null }))
}

function jsonValue (ids: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...ids), weight: 3 },
    { arbitrary: fc.constantFrom(null, true, false, [], {}, ...HARD_TEXTS, ...HARD_NUMBERS), weight: 3 },
    { arbitrary: fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), weight: 2 },
    { arbitrary: fc.constantFrom(...ids).map(id => ({ id })), weight: 1 }
  )
}

/** JSON within JSON within JSON. */
const nesting = fc.tuple(fc.constantFrom(1, 10, 100, 1_000, 50_000), fc.constantFrom(['[', '1', ']'], ['{"a":', 'null', '}']))
  .map(([depth, [open = '', inner = '', close = '']]) => open.repeat(depth) + inner + close.repeat(depth))

type Path = Array<string | number>

function pathsIn (value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path]
  return [...(path.length === 0 ? [] : [path]), ...Object.entries(value).flatMap(([key, part]) => pathsIn(part, [...path, Array.isArray(value) ? Number(key) : key]))]
}

function textsIn (value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value !== 'object' || value === null ? [] : Object.values(value).flatMap(textsIn)
}

/** A copy of the object with one part of it replaced, or left out. */
function changed (object: Json, { at, value }: { at: number, value?: unknown }): Json {
  const paths = pathsIn(object)
  const path = paths[at % paths.length]
  const copy = structuredClone(object)
  if (path === undefined) return copy
  const parent = path.slice(0, -1).reduce<Record<string | number, unknown>>((part, key) => part[key] as Json, copy)
  const key = path.at(-1) as string | number
  if (value === undefined) delete parent[key]
  else parent[key] = value
  return copy
}
