import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export interface Proxy {
  /** The same address, through the proxy. */
  url: string
  /** True: who connects is let in, and thrown out some milliseconds later. */
  away: boolean
  /** Connections so far, and the most that were open at once. */
  readonly connections: { count: number, most: number }
  /** The network breaks: open connections are reset, new ones are refused. */
  cut (): Promise<void>
  /** The network is silent: connections stay, and nothing passes. */
  stall (): void
  /** All is well again. What was held back by `stall` arrives now. */
  restore (): Promise<void>
}

const AWAY_MS = 5

/** Puts a proxy before a server, such as a database: the network between it and the service, which may fail. */
export async function startProxy (address: string): Promise<Proxy> {
  const target = new URL(address)
  const clients = new Set<Socket>()
  const sockets = new Set<Socket>()
  let stalled = false

  const keep = (set: Set<Socket>, socket: Socket) => {
    set.add(socket)
    socket.once('close', () => { set.delete(socket) })
  }
  const server = createServer(client => {
    keep(clients, client)
    keep(sockets, client)
    client.on('error', () => {})
    proxy.connections.count += 1
    proxy.connections.most = Math.max(proxy.connections.most, clients.size)
    if (proxy.away) {
      void delay(AWAY_MS).then(() => { client.destroy() })
      return
    }
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) })
    keep(sockets, upstream)
    upstream.on('error', () => {})
    for (const [socket, peer] of [[client, upstream], [upstream, client]] as const) {
      socket.on('close', () => { peer.destroy() })
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
  const port = await listen(0)
  const proxied = new URL(address)
  proxied.hostname = '127.0.0.1'
  proxied.port = String(port)
  const proxy: Proxy = {
    // An address of HTTP gets a slash that was not there.
    url: proxied.href.replace(/\/$/, ''),
    away: false,
    connections: { count: 0, most: 0 },
    async cut () {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.resetAndDestroy()
      await closed
    },
    stall () {
      stalled = true
      for (const socket of sockets) socket.pause()
    },
    async restore () {
      stalled = false
      for (const socket of sockets) socket.resume()
      if (!server.listening) await listen(port)
    }
  }
  return proxy
}
