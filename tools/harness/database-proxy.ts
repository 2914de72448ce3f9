import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

export interface Proxy {
  /** The same database, through the proxy. */
  connectionString: string
  /** The network breaks: open connections are reset, new ones are refused. */
  cut (): Promise<void>
  /** The network is silent: connections stay, and nothing passes. */
  stall (): void
  /** All is well again. What was held back by `stall` arrives now. */
  restore (): Promise<void>
  close (): Promise<void>
}

/** Puts a proxy before a database: the network between the service and PostgreSQL, which may fail. */
export async function startProxy (connectionString: string): Promise<Proxy> {
  const target = new URL(connectionString)
  const sockets = new Set<Socket>()
  let stalled = false
  const server = createServer(client => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) })
    for (const [socket, peer] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => {
        sockets.delete(socket)
        peer.destroy()
      })
      socket.on('data', chunk => { if (!peer.write(chunk)) socket.pause() })
      socket.on('drain', () => { if (!stalled) peer.resume() })
      if (stalled) socket.pause()
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
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  const port = await listen(0)
  const proxied = new URL(connectionString)
  proxied.hostname = '127.0.0.1'
  proxied.port = String(port)
  return {
    connectionString: proxied.href,
    cut,
    stall () {
      stalled = true
      for (const socket of sockets) socket.pause()
    },
    async restore () {
      stalled = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) await listen(port)
    },
    close: cut
  }
}
