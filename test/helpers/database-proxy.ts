import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

export interface DatabaseProxy {
  /** The same database, through the proxy. */
  connectionString: string
  /** The database is away: open connections break, new ones are refused. */
  cut (): Promise<void>
  /** It is back. */
  restore (): Promise<void>
}

/** Puts a proxy before a database, so that it can go away and come back. */
export async function startDatabaseProxy (t: Test, connectionString: string): Promise<DatabaseProxy> {
  const target = new URL(connectionString)
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) })
    for (const [socket, peer] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => {
        sockets.delete(socket)
        peer.destroy()
      })
      socket.pipe(peer)
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const cut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const port = await listen(0)
  t.teardown(cut)
  const proxied = new URL(connectionString)
  proxied.hostname = '127.0.0.1'
  proxied.port = String(port)
  return { connectionString: proxied.href, cut, async restore () { await listen(port) } }
}
