/* What the app around the examples of the pages has. Some of it is Stripe's, by Stripe's names. */
/* eslint camelcase: off */
import type { FastifyInstance } from 'fastify'
import type { drizzle } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import type Stripe from 'stripe'
import type { AffitorPluginOptions } from 'fastify-affitor'
import type { SaleEvent } from 'fastify-affitor/schemas'

interface User { id: string, email: string }
type Database = ReturnType<typeof drizzle>
type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

declare module 'fastify' {
  interface FastifyInstance { requireAdmin (request: FastifyRequest): Promise<void> }
  interface FastifyRequest { user: User }
}

declare global {
  const window: { affitor?: { getClickId (): string | null } }
  const app: FastifyInstance
  const pool: pg.Pool
  const db: Database
  const stripe: Stripe
  const event: Stripe.Event
  const user: User
  const invoice: { id: string }
  const customer: string
  const items: Stripe.SubscriptionCreateParams.Item[]
  const line_items: Stripe.Checkout.SessionCreateParams.LineItem[]
  const success_url: string
  const sessionId: string
  const email: string
  const password: string
  function createUser (tx: Transaction, body: unknown): Promise<User>
  function tellTheTeam (text: string, link?: string): Promise<void>
  function salesOfPartner (): Promise<SaleEvent[]>
  function buildYourApp (options: Partial<AffitorPluginOptions>): Promise<FastifyInstance>
}
