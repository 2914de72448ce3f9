import type { TSchema } from '@sinclair/typebox'
import * as named from './components.js'

/**
 * `fastify-affitor/schemas`: the contract as TypeBox schemas, each with the type of its values under the same name, for
 * the routes, clients and tests of other apps. A schema refers to others by name (`$ref: 'SaleEvent#'`), so an app that
 * uses one adds them all: `for (const schema of components) app.addSchema(schema)`.
 */
export * from './components.js'
export { ref } from './common.js'
export type { ErrorCode } from './error.js'

/**
 * Words of OpenAPI's in some of these schemas, which a JSON Schema validator must be told of before it checks a body by
 * one: `Fastify({ ajv: { customOptions: { keywords } } })`.
 */
export const keywords: string[] = ['discriminator', 'x-extensible-enum']

/** All named schemas, as `app.addSchema` takes them. */
export const components: readonly TSchema[] = Object.values(named)
