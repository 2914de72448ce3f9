import type { FastifyBaseLogger, onRequestAsyncHookHandler, onRequestHookHandler } from 'fastify'
import type Stripe from 'stripe'
import type { SqlExecutor } from './database.js'

/** A pool of `pg`, as far as it is used. */
export interface PgPool {
  connect (): Promise<unknown>
  query (text: string, values?: unknown[]): Promise<unknown>
  end (): Promise<unknown>
}

export interface AffitorAccountOptions {
  /** The program's tracking key, `aff_...`. Management keys (`affk_...`) are refused at Affitor. */
  apiKey: string | undefined
  /** The program's id, as a text. */
  programId: string | undefined
  /** Affitor's API (`https://api.affitor.com`). */
  apiUrl?: string | undefined
  /** Marks every call as a test, which earns nobody a commission. Default: the opposite of `livemode`. */
  testMode?: boolean | undefined
  /** Longest wait for one answer, in milliseconds (10,000). */
  timeoutMs?: number | undefined
  /** `connect` when Affitor records sales itself through Stripe Connect: ours are then skipped (`webhook`). */
  saleSource?: 'webhook' | 'connect' | undefined
}

export interface SalesOptions {
  /** Whether Affitor is told amounts with tax (`gross`), or without (`net_of_tax`). */
  amount?: 'gross' | 'net_of_tax' | undefined
  /** ISO 4217 codes that Affitor takes (`USD`, `EUR`, `VND`). A sale in another currency needs attention. */
  currencies?: string[] | undefined
  /** Count payments for a change of a subscription in mid-cycle (true). */
  countUpgrades?: boolean | undefined
  /** Count invoices that were paid outside of Stripe (true). */
  countOutOfBandPayments?: boolean | undefined
  /** Tell Affitor which Stripe product was bought (true): its commission policies may differ by product. */
  productId?: boolean | undefined
  /** Connected accounts (`acct_...`) whose payments are sales of yours too. None by default. */
  connectedAccounts?: string[] | undefined
}

export interface DeliveryOptions {
  /** Most calls to Affitor at once, in each process (8). */
  concurrency?: number | undefined
  /** The same as `affitor.timeoutMs`, in milliseconds (10,000). */
  timeoutMs?: number | undefined
  /** Backoff before the first retry, in milliseconds (1,000); doubles with each, with full jitter. */
  retryBaseMs?: number | undefined
  /** Longest backoff, in milliseconds (3,600,000). */
  retryCapMs?: number | undefined
  /** How long a fact is retried before it needs attention, in hours (72). */
  maxAgeHours?: number | undefined
}

export interface AlertOptions {
  /**
   * Is sent a JSON message by POST when something needs a person and when that is over: Slack's `text`, and `cause`, `state`,
   * `since` for programs. A secret. Absent: nobody is told.
   */
  webhookUrl?: string | undefined
  /** Address of the operator page, which the messages name. */
  operatorUrl?: string | undefined
}

/** A registry of `prom-client`, as far as it is used. */
export interface MetricsRegistry {
  readonly contentType: string
  metrics (): Promise<string>
  registerMetric (metric: unknown): void
}

export interface MetricsOptions {
  /** Your registry of `prom-client` (`register`), where what is counted is registered as `affitor_...`. */
  registry: MetricsRegistry
}

/** What the plugin and the engine share. */
export interface AffitorOptions {
  /** Your `pg.Pool`, which stays yours, or a PostgreSQL connection string. Everything lives in its schema `affitor`. */
  database: PgPool | string | undefined
  /**
   * Where `database` leads to a connection pooler (PgBouncer and the like): a connection string that leads to PostgreSQL
   * itself. Migrations go there, and one connection of each process that runs workers: new work is announced by it, where
   * else it is looked for twice a second.
   */
  directDatabase?: string | undefined
  /** Your Stripe client. Needed for Stripe's events; without Stripe, leave it out. */
  stripe?: Stripe | undefined
  affitor: AffitorAccountOptions
  /** Whether the Stripe client has a live key (true). Events of the other mode are stored and not counted. */
  livemode?: boolean | undefined
  /** Run the workers in this process (true). */
  workers?: boolean | undefined
  /**
   * Bring the schema `affitor` up to date at the start (true). False: the start fails when it is behind.
   * `unchecked`: neither, as the caller did.
   */
  migrate?: boolean | 'unchecked' | undefined
  sales?: SalesOptions | undefined
  delivery?: DeliveryOptions | undefined
  /** Days after which Stripe events, attempts and checkouts that are done with are deleted (365); 0 keeps them. */
  retentionDays?: number | undefined
  alerts?: AlertOptions | undefined
  /** Absent: nothing is counted, and `prom-client` is not needed. */
  metrics?: MetricsOptions | undefined
  /** Where the workers write to. Default: the app's logger; of the engine alone: nowhere. */
  logger?: FastifyBaseLogger | undefined
}

type OnRequestHook = onRequestHookHandler | onRequestAsyncHookHandler

export interface OperatorOptions {
  /** Your hook, or hooks, that let only operators pass. */
  onRequest?: OnRequestHook | OnRequestHook[] | undefined
  /** Or a secret of at least 16 characters, sent as `Authorization: Bearer <token>`; several while it is rotated. */
  token?: string | string[] | undefined
  /** With `token`: a secret, or several, of operators who only look. */
  readToken?: string | string[] | undefined
  /** Where the operator's routes are (`/api/tracking`). */
  apiPrefix?: string | undefined
  /** Where the operator's page is (`/operator`); false: nowhere. */
  pagePath?: string | false | undefined
  /** What partners earn of a sale, in percent: the page estimates commissions by it. */
  commissionPercent?: number | undefined
  /**
   * Removes what your app itself has of a customer, when the operator deletes personal data. With `db` it is part of the same
   * transaction: what it throws undoes all of it.
   */
  forgetCustomer?: ((customerKey: string, options: { db: SqlExecutor }) => unknown) | undefined
  /** What your app itself has of a customer, as JSON, for the operator's export. */
  exportCustomer?: ((customerKey: string) => unknown) | undefined
}

export interface WebhookOptions {
  /** The endpoint's signing secret, `whsec_...`; two while it is rotated. */
  secrets: string | string[] | undefined
  /** Where Stripe sends its events (`/webhooks/stripe`). */
  path?: string | undefined
  /**
   * The address under which Stripe reaches it, `https://api.example.com/webhooks/stripe`: the operator page holds Stripe's
   * endpoint against it. Absent: it cannot say whether that is right; `npx fastify-affitor verify --url` can.
   */
  url?: string | undefined
}

/** Options of the Fastify plugin. */
export interface AffitorPluginOptions extends AffitorOptions {
  /** The route for Stripe's events. Absent: none; give the events that you receive to `receiveStripeEvent`. */
  webhook?: WebhookOptions | undefined
  /** The operator's routes and page. Absent: neither. */
  operator?: OperatorOptions | undefined
  /**
   * Whether the routes are in your OpenAPI document (true), if `@fastify/swagger` is registered before; with ids of
   * operations that begin with `affitor`. `refs`: with references to the schemas of `fastify-affitor/schemas`, all of
   * which you have added to your app.
   */
  openapi?: boolean | 'refs' | undefined
  /** Path before all routes of the plugin. */
  prefix?: string | undefined
}
