import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

/** Name of the application's role and of its database. */
export const applicationName = 'affitor'

/** How to reach the embedded server as its superuser. */
export interface Address {
  port: number
  password: string
}

// Any constant does, as long as every release uses the same.
const ownerLock = 0x0aff1704

/** A client that is not yet connected. Its `error` events are swallowed: its user sees `end`, or a rejected query. */
export function superuserClient (address: Address, database = 'postgres'): pg.Client {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: address.port,
    user: 'postgres',
    password: address.password,
    database,
    // pg takes what is not given here from PG* variables, which are meant for another server.
    ssl: false,
    options: '-c client_encoding=UTF8',
    application_name: 'fastify-affitor embedded',
    connectionTimeoutMillis: 5_000
  })
  client.on('error', () => {})
  return client
}

/** Tries to become the one owner of the server. The lock ends with the client's connection, however its process ends. */
export async function tryOwnerLock (client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [ownerLock])
  return rows[0]?.locked === true
}

export interface OwnerLock {
  /** Resolves when the lock is held for the first time. */
  held: Promise<void>
  release (): Promise<void>
}

/** Holds the owner's lock until released; takes it again whenever the connection breaks. */
export function holdOwnerLock (address: Address): OwnerLock {
  let taken = () => {}
  const held = new Promise<void>(resolve => { taken = resolve })
  const closing = new AbortController()
  let client: pg.Client | undefined
  const loop = (async () => {
    while (!closing.signal.aborted) {
      client = superuserClient(address)
      const ended = new Promise<void>(resolve => { client?.once('end', resolve) })
      try {
        await client.connect()
        if (await tryOwnerLock(client)) {
          taken()
          await ended
        }
      } catch {
        // The server is away: its supervisor says so and starts it again.
      }
      await client.end().catch(() => {})
      await delay(200, undefined, { signal: closing.signal }).catch(() => {})
    }
  })()
  return {
    held,
    async release () {
      closing.abort()
      await client?.end().catch(() => {})
      await loop
    }
  }
}

/** Makes the application's role and database unless they are there. The application is no superuser. */
export async function ensureDatabase (address: Address, name: string): Promise<void> {
  const client = superuserClient(address)
  await client.connect()
  try {
    const identifier = client.escapeIdentifier(name)
    const role = await client.query('select 1 from pg_roles where rolname = $1', [name])
    if (role.rowCount === 0) await client.query(`create role ${identifier} login password ${client.escapeLiteral(address.password)}`)
    const database = await client.query('select 1 from pg_database where datname = $1', [name])
    if (database.rowCount === 0) await client.query(`create database ${identifier} owner ${identifier}`)
  } finally {
    await client.end()
  }
}

/** A connection string for this server. */
export function connectionStringFor (address: Address, user: string, database: string): string {
  return `postgres://${user}:${encodeURIComponent(address.password)}@127.0.0.1:${address.port}/${database}?sslmode=disable`
}
