import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

interface Session { id: string, email: string, isAdmin: boolean }

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Session
    user: Session
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    requireUser (request: FastifyRequest): Promise<void>
    requireAdmin (request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
  interface FastifyReply {
    logIn (session: Session): FastifyReply
  }
}

/** A JWT in a cookie, or as `Authorization: Bearer`. */
export default fp<{ secret: string }>(async (app, { secret }) => {
  await app.register(cookie)
  await app.register(jwt, { secret, sign: { expiresIn: '7d' }, cookie: { cookieName: 'session', signed: false } })

  app.decorate('requireUser', async request => { await request.jwtVerify() })
  app.decorate('requireAdmin', async (request, reply) => {
    await request.jwtVerify()
    if (!request.user.isAdmin) await reply.code(403).send({ error: 'For admins only.' })
  })
  app.decorateReply('logIn', function ({ id, email, isAdmin }) {
    return this.setCookie('session', app.jwt.sign({ id, email, isAdmin }), { path: '/', httpOnly: true, sameSite: 'lax' })
  })
})
