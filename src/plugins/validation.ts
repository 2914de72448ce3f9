import { isUtf8 } from 'node:buffer'
import { AjvCompiler } from '@fastify/ajv-compiler'
import type { BuildCompilerFromPool, Options, RouteDefinition } from '@fastify/ajv-compiler'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
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
    customOptions: { ...(options as AjvCompilerOptions | undefined)?.customOptions, removeAdditional: false, allowUnionTypes: true, coerceTypes }
  })
  const strict = compile(false)
  const coercing = compile(true)
  // The published type says that a schema comes; it is the route's definition, with the schema in it.
  return definition => ((definition as unknown as RouteDefinition).httpPart === 'body' ? strict : coercing)(definition)
}

/** Refuses JSON that is not UTF-8, which Node would read with replacement characters; the rest is Fastify's own parser. */
export default fp(async (app: FastifyInstance) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (!isUtf8(body)) {
      done(new ApiError('INVALID_JSON'))
      return
    }
    parse(request, body.toString('utf8'), done)
  })
}, { name: 'validation' })
