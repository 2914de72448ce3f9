import { eq, sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import { fromDrizzle } from 'fastify-affitor'
import { users } from '../db.js'
import type { Database } from '../db.js'
import { hashPassword, isPassword } from '../passwords.js'

interface Credentials { email: string, password: string }

const credentials = {
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: { type: 'string', format: 'email' },
    password: { type: 'string', minLength: 8 },
    affitorClickId: { type: 'string' }
  }
}

export default async function accountRoutes (app: FastifyInstance, { db }: { db: Database }) {
  app.post<{ Body: Credentials }>('/signup', { schema: { body: credentials } }, async (request, reply) => {
    const { email, password } = request.body
    const passwordHash = await hashPassword(password)
    const user = await db.transaction(async tx => {
      const [created] = await tx.insert(users).values({ email, passwordHash }).onConflictDoNothing().returning()
      if (created === undefined) return undefined
      // Part of this transaction: no user without a lead, and no lead without a user.
      await app.affitor.trackLead({ customerExternalId: created.id, email, clickId: app.affitor.clickId(request) }, { db: fromDrizzle(tx, sql) })
      return created
    })
    if (user === undefined) return await reply.code(409).send({ error: 'This e-mail address has an account.' })
    return await reply.logIn(user).code(201).send({ id: user.id })
  })

  app.post<{ Body: Credentials }>('/login', { schema: { body: credentials } }, async (request, reply) => {
    const { email, password } = request.body
    const [user] = await db.select().from(users).where(eq(users.email, email))
    if (user === undefined || !await isPassword(password, user.passwordHash)) {
      return await reply.code(401).send({ error: 'E-mail address or password is wrong.' })
    }
    return await reply.logIn(user).send({ id: user.id })
  })

  app.get('/me', { onRequest: app.requireUser }, async request => {
    const [user] = await db.select({ id: users.id, email: users.email, paidAt: users.paidAt }).from(users).where(eq(users.id, request.user.id))
    return user
  })
}
