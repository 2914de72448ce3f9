import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyRequest, FastifySchema, RawRequestDefaultExpression, RawServerDefault, RouteGenericInterface } from 'fastify'
import type { ResolveReplyTypeWithRouteGeneric } from 'fastify/types/reply.js'

/** The request that a handler of a route with this schema gets. */
export type RequestOf<Schema extends FastifySchema> =
  FastifyRequest<RouteGenericInterface, RawServerDefault, RawRequestDefaultExpression, Schema, TypeBoxTypeProvider>

/** The statuses that the route may answer. */
export type StatusOf<Schema extends { response: object }> = keyof Schema['response']

/** What `reply.code(status).send` takes. */
export type AnswerOf<Schema extends FastifySchema & { response: object }, Status extends StatusOf<Schema> & number> =
  ResolveReplyTypeWithRouteGeneric<RouteGenericInterface['Reply'], Status, Schema, TypeBoxTypeProvider>
