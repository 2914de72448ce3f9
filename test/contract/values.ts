import fc from 'fast-check'
import type { Contract, Schema } from './document.js'
import { text, textOffFormat, textOffPattern } from './texts.js'
import type { Transport } from './texts.js'

export interface Values {
  contract: Contract
  transport: Transport
  /** By the name of a field or parameter: values that meet something stored. */
  known: Record<string, unknown[]>
}

/** Values that the schema allows. */
export function validValue (schema: Schema, values: Values, name = ''): fc.Arbitrary<unknown> {
  const made = make(values.contract.resolve(schema), values)
  const known = (values.known[name] ?? []).filter(value => values.contract.isValid(schema, value))
  const either = known.length === 0 ? made : fc.oneof(made, fc.constantFrom(...known))
  return either.filter(value => values.contract.isValid(schema, value))
}

function make (schema: Schema, values: Values): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(choice => validValue(choice, values)))
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map(type => make({ ...schema, type }, values)))
  switch (schema.type) {
    case 'null': return fc.constant(null)
    case 'boolean': return fc.boolean()
    case 'string': return text(schema, values.transport)
    case 'integer': return integer(schema)
    case 'number': return fc.double({ noNaN: true, noDefaultInfinity: true, ...bounds(schema) })
    case 'array': return fc.array(validValue(schema.items ?? {}, values), { minLength: schema.minItems ?? 0, maxLength: schema.maxItems ?? 5 })
    case 'object': return object(schema, values)
    default: throw new Error(`No value can be made for the type "${String(schema.type)}"`)
  }
}

function integer (schema: Schema): fc.Arbitrary<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = bounds(schema)
  return fc.oneof({ arbitrary: fc.maxSafeInteger().map(n => min + Math.abs(n % (max - min + 1))), weight: 2 }, fc.constant(min), fc.constant(max), fc.integer({ min, max: Math.min(max, min + 100) }))
}

function bounds ({ minimum, maximum }: Schema): { min?: number, max?: number } {
  return { ...(minimum !== undefined && { min: minimum }), ...(maximum !== undefined && { max: maximum }) }
}

function object ({ properties = {}, required = [] }: Schema, values: Values): fc.Arbitrary<unknown> {
  const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(Object.entries(properties)
    .map(([name, property]) => [name, validValue(property, values, name)]))
  return fc.record(fields, { requiredKeys: required, noNullPrototype: true })
}

/** One way to break a value. */
export interface Breakage { how: string, value: fc.Arbitrary<unknown> }

const OTHER_TYPES: unknown[] = ['text', '1', 'true', 42, 0, -1, 1.5, 1e308, true, false, null, [], ['text'], [1], {}, { $gt: '' }, { length: 10 }]

/** Ways to break a value of the schema; none of their values is one that the schema allows. */
export function breakages (schema: Schema, values: Values): Breakage[] {
  const { contract, transport } = values
  const resolved = contract.resolve(schema)
  const is = (type: string) => resolved.type === type || (Array.isArray(resolved.type) && resolved.type.includes(type))
  const found: Array<[string, fc.Arbitrary<unknown> | undefined]> = [
    ['wrong type', transport === 'json' ? fc.constantFrom(...OTHER_TYPES.filter(value => !contract.isValid(schema, value))) : undefined]
  ]
  if (is('string')) found.push(...brokenTexts(resolved, transport))
  if (is('integer') || is('number')) found.push(...brokenNumbers(resolved, transport, is('integer')))
  if (resolved.anyOf !== undefined || resolved.enum !== undefined) found.push(['unknown choice', fc.oneof(fc.string(), fc.constantFrom('', 'PAYMENT', 'toString', '__proto__', 'null'))])
  if (is('object') && resolved.properties !== undefined) found.push(...brokenObjects(schema, resolved, values))
  return found.flatMap(([how, value]) => value === undefined ? [] : [{ how, value: value.filter(candidate => !isAllowed(candidate)) }])

  function isAllowed (candidate: unknown): boolean {
    if (transport === 'json' || is('string')) return contract.isValid(schema, candidate)
    return contract.isValid(schema, candidate) || (String(candidate).trim() !== '' && contract.isValid(schema, Number(candidate)))
  }
}

function brokenTexts (schema: Schema, transport: Transport): Array<[string, fc.Arbitrary<unknown> | undefined]> {
  const { minLength = 0, maxLength } = schema
  const filler = schema.pattern === undefined || new RegExp(schema.pattern, 'u').test('x') ? 'x' : '1'
  return [
    ['too long', maxLength === undefined ? undefined : fc.constantFrom(1, 2, 45, 1000).map(more => filler.repeat(maxLength + more))],
    ['too short', minLength === 0 ? undefined : fc.nat({ max: minLength - 1 }).map(length => filler.repeat(length))],
    ['bad format', textOffFormat(schema)],
    ['bad character', schema.pattern === undefined || schema.format !== undefined ? undefined : textOffPattern(schema, transport)],
    ['NUL', transport === 'header' ? undefined : fc.constantFrom('\u0000', 'a\u0000b', 'ada\u0000@example.com')]
  ]
}

function brokenNumbers ({ minimum, maximum }: Schema, transport: Transport, whole: boolean): Array<[string, fc.Arbitrary<unknown> | undefined]> {
  return [
    ['too small', minimum === undefined ? undefined : fc.oneof(fc.constant(minimum - 1), fc.integer({ max: minimum - 1 }))],
    // Above what an integer of JavaScript's holds, `maximum + 1` can be `maximum`.
    ['too large', maximum === undefined ? undefined : fc.oneof(fc.constant(maximum + 2), fc.constantFrom(maximum * 2, 1e21, 1e308))],
    ['a fraction', whole ? fc.constantFrom(1.5, 0.1, 1e-7) : undefined],
    ['no number', transport === 'json' ? undefined : fc.constantFrom('abc', '', ' ', '1.5', 'NaN', 'Infinity', '1e999', 'null', 'true', '__proto__', '1\u0000', '\u0661', '1,000')]
  ]
}

function brokenObjects (schema: Schema, { properties = {}, required = [], additionalProperties }: Schema, values: Values): Array<[string, fc.Arbitrary<unknown>]> {
  const whole = validValue(schema, values) as fc.Arbitrary<Record<string, unknown>>
  const extra = fc.oneof(fc.string(), fc.constantFrom('admin', 'userId', 'constructor', '$where', 'a\u0000b', '')).filter(name => !(name in properties) && name !== '__proto__')
  return [
    ...required.map((name): [string, fc.Arbitrary<unknown>] => [`${name} missing`, whole.map(({ [name]: _left, ...rest }) => rest)]),
    ...(additionalProperties === false
      ? [['extra field', fc.tuple(whole, extra, fc.jsonValue()).map(([rest, name, value]) => ({ ...rest, [name]: value }))] as [string, fc.Arbitrary<unknown>]]
      : []),
    ...Object.entries(properties).flatMap(([name, property]) => breakages(property, values).map(({ how, value }): [string, fc.Arbitrary<unknown>] =>
      [`${name}: ${how}`, fc.tuple(whole, value).map(([rest, bad]) => ({ ...rest, [name]: bad }))]))
  ]
}
