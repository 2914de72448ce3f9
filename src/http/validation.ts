import { isUtf8 } from 'node:buffer'
import { AjvCompiler } from '@fastify/ajv-compiler'
import type { BuildCompilerFromPool, Options, RouteDefinition } from '@fastify/ajv-compiler'
import type { FastifyInstance, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { STORABLE_TEXT } from '../../schemas/common.js'
import { ApiError } from '../errors.js'

const compileWith = AjvCompiler()

interface AjvCompilerOptions { customOptions?: Options }

/**
 * Fastify's validator, stricter: unknown fields are refused rather than removed, and a body's values are never
 * converted (`password: 12345678` is not a string). Text from the address still becomes numbers.
 */
export const buildValidator: BuildCompilerFromPool = (externalSchemas, options) => {
  const compile = (coerceTypes: boolean) => compileWith(externalSchemas, {
    ...options as AjvCompilerOptions,
    customOptions: {
      ...(options as AjvCompilerOptions | undefined)?.customOptions,
      removeAdditional: false,
      allowUnionTypes: true,
      // Bodies are small, and their schemas flat: what one request can make it find is bounded.
      allErrors: true,
      coerceTypes,
      // Together, Ajv coerces "1e999" to Infinity and then skips its bounds.
      strictNumbers: !coerceTypes,
      // TypeBox made the schemas, and the document's lint looks at them: no start needs to.
      validateSchema: false
    }
  })
  const strict = compile(false)
  const coercing = compile(true)
  // The published type says that a schema comes; it is the route's definition, with the schema in it.
  return definition => ((definition as unknown as RouteDefinition).httpPart === 'body' ? strict : coercing)(definition)
}

/** Most problems that one answer lists. */
const MOST_PROBLEMS = 20

/**
 * What is answered: every field that is wrong, with one sentence that names it, and the first of them as the message.
 * @param part `body`, `querystring`, `params` or `headers`
 */
export function describeProblems (problems: FastifySchemaValidationError[], part: string): ApiError {
  const details = problems.slice(0, MOST_PROBLEMS).map(problem => ({ field: fieldOf(problem, part), message: sentenceOf(problem, part) }))
  return new ApiError('INVALID_REQUEST', details[0]?.message ?? `${part} is malformed`, { details })
}

function fieldOf ({ keyword, instancePath, params }: FastifySchemaValidationError, part: string): string {
  const missing = keyword === 'required' ? params.missingProperty : keyword === 'additionalProperties' ? params.additionalProperty : undefined
  return `${part}${instancePath}${missing === undefined ? '' : `/${String(missing)}`}`
}

/** Ajv's own words, where they name the field and what may be there. */
function sentenceOf (problem: FastifySchemaValidationError, part: string): string {
  const place = `${part}${problem.instancePath}`
  if (problem.keyword === 'additionalProperties') return `${place} must not have the property "${String(problem.params.additionalProperty)}"`
  if (problem.keyword === 'pattern' && problem.params.pattern === STORABLE_TEXT) {
    return `${place} must not contain a NUL character, nor half of a surrogate pair`
  }
  if (problem.keyword === 'enum' && Array.isArray(problem.params.allowedValues)) {
    return `${place} must be one of: ${problem.params.allowedValues.join(', ')}`
  }
  return `${place} ${problem.message ?? 'is malformed'}`
}

/** What secure-json-parse refuses: keys that would change an object's prototype. */
const FORBIDDEN_KEYS = 'body must not have a property "__proto__", nor "constructor" with a "prototype"'

function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Takes nothing but JSON, and refuses JSON that is not UTF-8, which Node would read with replacement characters; the
 * rest is Fastify's own parser.
 * @param onBody told the bytes, before they are read
 */
export function takeOnlyJson (app: FastifyInstance, onBody?: (request: FastifyRequest, body: Buffer) => void): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    onBody?.(request, body)
    if (!isUtf8(body)) {
      done(new ApiError('INVALID_JSON'))
      return
    }
    const text = body.toString('utf8')
    parse(request, text, (error: Error | null, value?: unknown) => {
      done(error !== null && isJson(text) ? new ApiError('INVALID_REQUEST', FORBIDDEN_KEYS) : error, value)
    })
  })
}
