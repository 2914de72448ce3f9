import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Authentication } from '../../schemas/signup.js'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { buildApp } from '../../src/service/app.js'
import type { AppOverrides } from '../../src/service/app.js'
import { loadConfig } from '../../src/service/config.js'
import { ADMIN_TOKEN, API_TOKEN, serviceEnvironment } from '../../tools/harness/environment.js'
import { startAffitor } from './affitor.js'
import type { StartedAffitor } from './affitor.js'
import { watchContract } from './contract.js'
import { createTestDatabase } from './database.js'
import { startStripe } from './stripe.js'
import type { RunningStripe } from './stripe.js'

export { ADMIN_TOKEN, API_TOKEN, SESSION_SECRET } from '../../tools/harness/environment.js'

export interface ServiceOptions {
  /** Environment variables over the test's own. */
  variables?: Record<string, string>
  affitor?: StartedAffitor
  stripe?: RunningStripe
  /** Of a database that exists already, such as that of another process of the service. */
  connectionString?: string
  overrides?: AppOverrides
}

export interface Answer<T> {
  status: number
  headers: Headers
  body: T
}

export interface Service {
  app: FastifyInstance
  url: string
  connectionString: string
  affitor: StartedAffitor
  stripe: RunningStripe
  /** A real HTTP request; a body that is not a string is sent as JSON. */
  request <T = Record<string, unknown>> (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>>
  /** The same with the operator's token. */
  operator <T = Record<string, unknown>> (method: string, path: string, body?: unknown): Promise<Answer<T>>
  /** Reports by another backend, with its token. */
  report <T = Record<string, unknown>> (path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<T>>
  signUp (fields?: Record<string, unknown>): Promise<Authentication & { email: string }>
  /** The Checkout Session's id. */
  checkOut (accessToken: string, fields?: Record<string, unknown>): Promise<string>
  /** Runs the workers until nothing is due. */
  work (): Promise<void>
  /** The ledger, oldest first. */
  ledger (): Promise<TrackingEvent[]>
}

let users = 0

/** Starts the whole service on a database of its own, with both stand-ins, over real HTTP. Workers run by `work()`. */
export async function startService (t: Test, options: ServiceOptions = {}): Promise<Service> {
  const connectionString = options.connectionString ?? (await createTestDatabase(t)).connectionString
  const affitor = options.affitor ?? await startAffitor(t)
  const stripe = options.stripe ?? await startStripe(t)
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    WORKERS: 'false',
    ...serviceEnvironment({ databaseUrl: connectionString, affitor, stripe }),
    ...options.variables
  })
  // Test calls earn no commission; the tests are about commissions.
  const testMode = options.variables?.AFFITOR_TEST_MODE === 'true'
  const app = await buildApp({ ...config, AFFITOR_TEST_MODE: testMode, DATABASE_URL: connectionString }, options.overrides)
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const { violations } = watchContract(app)
  t.teardown(() => {
    if (violations.length === 0) return
    // Thrown, it would keep the other teardowns from running, and the process from ending.
    console.error(`Answers that the document does not promise:\n${violations.join('\n')}`)
    process.exitCode = 1
  })
  stripe.sandbox.stripe.setWebhookUrl(`${url}/webhooks/stripe`)

  async function request<T> (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const isJson = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array)
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body as string })
    })
    const text = await response.text()
    const isFile = response.headers.get('content-type')?.startsWith('text/') === true
    return { status: response.status, headers: response.headers, body: (text === '' ? null : isFile ? text : JSON.parse(text)) as T }
  }
  const operator = async <T>(method: string, path: string, body?: unknown) => await request<T>(method, path, body, { authorization: `Bearer ${ADMIN_TOKEN}` })

  return {
    app,
    url,
    connectionString,
    affitor,
    stripe,
    request,
    operator,
    report: async (path, body, headers) => await request('POST', path, body, { authorization: `Bearer ${API_TOKEN}`, ...headers }),
    async signUp (fields = {}) {
      const email = `user${++users}@example.com`
      const { status, body } = await request<Authentication>('POST', '/api/signup', { email, password: 'correct horse battery', ...fields })
      if (status !== 201) throw new Error(`signup answered ${status}: ${JSON.stringify(body)}`)
      return { email, ...body }
    },
    async checkOut (accessToken, fields = {}) {
      const { status, body } = await request<{ sessionId: string }>('POST', '/api/checkout',
        { priceId: 'price_sandbox_onetime', mode: 'payment', ...fields }, { authorization: `Bearer ${accessToken}` })
      if (status !== 201) throw new Error(`checkout answered ${status}: ${JSON.stringify(body)}`)
      return body.sessionId
    },
    work: () => app.affitor.workers.runUntilIdle(),
    async ledger () {
      const { body } = await operator<{ events: TrackingEvent[] }>('GET', '/api/tracking/events?limit=200')
      return body.events.reverse()
    }
  }
}
