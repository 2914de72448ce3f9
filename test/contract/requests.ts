import fc from 'fast-check'
import { BODY_LIMIT, WEBHOOK_BODY_LIMIT } from '../../src/routes/limits.js'
import { missing, right, wrong } from './credentials.js'
import type { Credentials, World } from './credentials.js'
import type { Contract, Operation, Parameter } from './document.js'
import { brokenBodies } from './json-bodies.js'
import type { Body } from './json-bodies.js'
import { brokenEvents, validEvent } from './stripe-events.js'
import type { Transport } from './texts.js'
import { breakages, validValue } from './values.js'
import type { Values } from './values.js'

/** A request, before it is signed and put into bytes. */
export interface Request {
  operation: Pick<Operation, 'id' | 'path'>
  /** `valid`, or how it is broken. */
  way: string
  /** Statuses that the document promises for a request broken this way; those of a valid one depend on what is stored. */
  expected: number[]
  method: string
  path: Record<string, string>
  query: Array<[name: string, value: string]>
  headers: Record<string, string>
  credentials: Credentials
  body?: Body
  /** Instead of the path that the parameters make. */
  rawPath?: string
}

export interface Ways { valid: fc.Arbitrary<Request>, broken: Array<{ way: string, request: fc.Arbitrary<Request> }> }

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Valid requests of an operation, and all ways to break one. */
export function waysOf (operation: Operation, contract: Contract, world: World): Ways {
  const values = (transport: Transport): Values => ({ contract, transport, known: world.known })
  const valid = validRequest(operation, values, world)
  const isWebhook = operation.proofs.includes('stripeSignature')
  const otherMethods = METHODS.filter(method => !contract.operations.some(other => other.path === operation.path && other.method === method))
  const ways: Ways['broken'] = []

  function breakBy<T> (way: string, expected: number[], value: fc.Arbitrary<T>, change: (request: Request, value: T) => Partial<Request>): void {
    ways.push({ way, request: fc.tuple(valid, value).map(([request, broken]) => ({ ...request, way, expected, ...change(request, broken) })) })
  }

  for (const parameter of operation.parameters) {
    if (parameter.name !== 'stripe-signature') breakParameter(parameter, values, breakBy)
  }
  if (operation.parameters.some(parameter => parameter.in === 'query')) {
    breakBy('unknown query parameter', [400], fc.constantFrom('unknown', '__proto__', 'constructor', 'a\u0000', 'limit[]'), ({ query }, name) => ({ query: [...query, [name, '1']] }))
  }
  if (operation.parameters.some(parameter => parameter.in === 'path')) {
    breakBy('bad escape in the path', [400], fc.constantFrom('%', '%zz', '%ff', '%c3%28', '%ed%a0%80'), (_request, escape) =>
      ({ rawPath: operation.path.replace(/\{\w+\}/, escape) }))
  }
  if (operation.proofs.length > 0) {
    const refused = isWebhook ? 400 : 401
    breakBy('no credentials', [refused], fc.constant(missing), (_request, credentials) => ({ credentials }))
    breakBy('wrong credentials', [refused, ...refused === 401 ? [403] : []], wrong(operation.proofs, world), (_request, credentials) => ({ credentials }))
  }
  if (isWebhook) {
    for (const { how, expected, body } of brokenEvents(world)) breakBy(how, expected, body, (_request, broken) => ({ body: broken }))
  } else if (operation.body !== undefined) {
    for (const { how, expected, body } of brokenBodies(operation.body, values('json'), operation.id === 'reportStripeEvent' ? WEBHOOK_BODY_LIMIT : BODY_LIMIT)) breakBy(how, expected, body, (_request, broken) => ({ body: broken }))
  }
  breakBy('unknown method', [401, 405], fc.constantFrom(...otherMethods), (_request, method) => ({ method, expected: method === 'GET' ? [401, 405] : [400, 401, 405, 413, 415] }))
  return { valid, broken: ways }
}

type BreakBy = <T>(way: string, expected: number[], value: fc.Arbitrary<T>, change: (request: Request, value: T) => Partial<Request>) => void

function breakParameter ({ name, in: place, schema, required }: Parameter, values: (transport: Transport) => Values, breakBy: BreakBy): void {
  const transport = place === 'header' ? 'header' : 'address'
  for (const { how, value } of breakages(schema, values(transport))) {
    breakBy(`${name}: ${how}`, place === 'path' ? [400, 404] : [400], value.map(String).filter(isWellFormed), (request, broken) => {
      if (place === 'query') return { query: [...request.query.filter(([other]) => other !== name), [name, broken]] }
      return place === 'path' ? { path: { ...request.path, [name]: broken } } : { headers: { ...request.headers, [name]: broken } }
    })
  }
  if (place === 'query') {
    breakBy(`${name} twice`, [400], validValue(schema, values('address'), name).map(String), ({ query }, value) => ({ query: [...query.filter(([other]) => other !== name), [name, value], [name, value]] }))
  }
  if (required && place !== 'path') {
    breakBy(`${name} missing`, [400], fc.constant(null), ({ query, headers: { [name]: _left, ...headers } }) => ({ query: query.filter(([other]) => other !== name), headers }))
  }
}

function validRequest (operation: Operation, values: (transport: Transport) => Values, world: World): fc.Arbitrary<Request> {
  const parametersIn = (place: Parameter['in']) => {
    const parameters = operation.parameters.filter(({ name, in: where }) => where === place && name !== 'stripe-signature')
    const fields = parameters.map(({ name, schema }) => [name, validValue(schema, values(place === 'header' ? 'header' : 'address'), name).map(String)])
    return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<string>>, {
      requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name), noNullPrototype: true
    }) as fc.Arbitrary<Record<string, string>>
  }
  const body = (): fc.Arbitrary<Body | undefined> => {
    if (operation.proofs.includes('stripeSignature')) return validEvent(world)
    if (operation.body === undefined) return fc.constant(undefined)
    return validValue(operation.body.schema, values('json')).map(value => ({ text: JSON.stringify(value), contentType: 'application/json' }))
  }
  return fc.record({ path: parametersIn('path'), query: parametersIn('query'), headers: parametersIn('header'), credentials: right(operation.proofs, world), body: body() })
    .map(({ query, body, ...rest }) => ({
      operation: { id: operation.id, path: operation.path }, way: 'valid', expected: [], method: operation.method, query: Object.entries(query), ...rest, ...(body === undefined ? {} : { body })
    }))
}

/** Half a surrogate pair has no place in an address. */
function isWellFormed (text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
