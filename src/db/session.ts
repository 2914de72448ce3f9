import type pg from 'pg'

/**
 * Whether a connection has a session of the server's for itself, so that what is set, locked or listened for in it stays.
 *
 * The server tells its process at the start of a connection, as part of the key by which queries are cancelled. A pooler
 * cannot pass that on, as it has one for many connections of the server's: PgBouncer 1.18 makes up a random one in
 * transaction and in session mode (tried; `welcome_client` in its src/proto.c, and with peers still so in later versions),
 * and pgcat does (`process_id` in src/client.rs). What forwards bytes, such as HAProxy or a tunnel, is not told from the
 * server, and need not be. In session mode a session would be ours too, which cannot be seen from here: it counts as a
 * pooler's.
 */
export async function isOwnSession (client: pg.ClientBase): Promise<boolean> {
  const { rows: [row] } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return row?.pid === processOf(client)
}

/** The server's process as it was told at the start of the connection; a pooler tells another number. */
export function processOf (client: pg.ClientBase): number {
  return (client as pg.ClientBase & { processID: number }).processID
}
