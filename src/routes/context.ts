import type { Notifier } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import type { Document } from '../http/document.js'

/** What routes work on. It is passed to them, not decorated: the app has its own ideas of `db`. */
export interface RouteContext {
  db: Database
  notifier: Notifier
  /** Gives a route's schema as the app's document is to have it. */
  document: Document
}
