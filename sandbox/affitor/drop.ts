import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import type { BehaviourControl } from './behaviour.js'

/** Ends a request as if nobody had been there to answer it. */
export function drop (request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack()
  request.raw.socket.destroy()
  return reply
}

/** A hook that drops what is not a tracking call while Affitor is away altogether. It uses up none of `times`. */
export function dropWhileAway (behaviours: BehaviourControl): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const { dropConnection, endpoints, only } = behaviours.current
    if (dropConnection === 'before' && endpoints === undefined && only === undefined) return drop(request, reply)
  }
}
