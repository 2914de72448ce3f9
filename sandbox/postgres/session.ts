import { resolve } from 'node:path'
import pg from 'pg'
import type { Cluster } from './cluster.js'
import { forgetMachine } from './machine.js'
import { endServer, serverProcess } from './pid-file.js'

/** Name of the application's role and of its database. */
export const applicationName = 'affitor'

// Any constants do, as long as every release uses the same.
const USERS_LOCK = 0x0aff1704
const SETUP_LOCK = 0x0aff1705

/** One use of a server, for as long as its connection holds. */
export interface Session {
  port: number
  /** As superuser. */
  client: pg.Client
  /** Resolves when the connection ends, for whatever reason. */
  ended: Promise<void>
  /** Ends the use; and the server too, if nobody else uses it. */
  leave (): Promise<void>
}

/** Why a server cannot be used. */
export interface Refusal {
  /** It is ours, but starts, recovers or stops. */
  isBusy: boolean
  reason: string
}

/** Enters the server on a port as one of its users, and makes the application's database there unless it is made. */
export async function enter (cluster: Cluster, port: number): Promise<Session | Refusal> {
  const client = new pg.Client({
    connectionString: connectionStringFor(cluster, port, 'postgres', 'postgres'),
    application_name: 'fastify-affitor embedded',
    connectionTimeoutMillis: 5_000,
    // pg would take it from PGOPTIONS, which is meant for another server.
    options: '-c client_encoding=UTF8'
  })
  // What breaks the connection is told by `ended`, or by the query that fails.
  client.on('error', () => {})
  const ended = new Promise<void>(resolve => { client.once('end', resolve) })
  const refuse = async (isBusy: boolean, reason: string): Promise<Refusal> => {
    await client.end().catch(() => {})
    return { isBusy, reason }
  }
  try {
    await client.connect()
    const { rows: [row] } = await client.query<{ data: string, entered: boolean }>(
      'select current_setting(\'data_directory\') as data, pg_try_advisory_lock_shared($1) as entered', [USERS_LOCK])
    // A copied directory has the same port and password.
    if (resolve(row?.data ?? '') !== cluster.data) return await refuse(false, `the server on port ${port} has the data directory ${row?.data}`)
    if (row?.entered !== true) return await refuse(true, 'its last user ends it')
    await ensureDatabase(client, cluster)
    const pid = await serverProcess(cluster.data)
    return { port, client, ended, leave: () => leave(client, cluster, pid) }
  } catch (error) {
    const { code, message } = error as pg.DatabaseError
    return await refuse(code === '57P03', message)
  }
}

async function leave (client: pg.Client, cluster: Cluster, pid: number | undefined): Promise<void> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [USERS_LOCK])
    const { rows: [row] } = await client.query<{ isAlone: boolean }>('select pg_try_advisory_lock($1) as "isAlone"', [USERS_LOCK])
    if (row?.isAlone !== true || pid === undefined) return
    // The lock is kept until the server ends, so that nobody enters meanwhile.
    await endServer(cluster.data, pid)
    await forgetMachine(cluster)
  } catch {
    // A broken connection has ended the use. Other users look after the server, or the next one does.
  } finally {
    await client.end().catch(() => {})
  }
}

/** The application is no superuser. */
async function ensureDatabase (client: pg.Client, { password }: Cluster): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [SETUP_LOCK])
  const role = await client.query('select 1 from pg_roles where rolname = $1', [applicationName])
  if (role.rowCount === 0) await client.query(`create role ${applicationName} login password ${client.escapeLiteral(password)}`)
  const database = await client.query('select 1 from pg_database where datname = $1', [applicationName])
  if (database.rowCount === 0) await client.query(`create database ${applicationName} owner ${applicationName}`)
  await client.query('select pg_advisory_unlock($1)', [SETUP_LOCK])
}

export function connectionStringFor ({ password }: Cluster, port: number, user: string, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?sslmode=disable`
}
