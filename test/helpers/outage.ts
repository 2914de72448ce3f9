import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

/** A way to Affitor that can be cut. */
export interface Outage {
  url: string
  /** Cut: every connection is broken after some milliseconds. */
  away: boolean
  /** Connections so far, and the most that were open at once. */
  connections: { count: number, most: number }
}

/** Starts a forwarder to an address; while it is `away`, it breaks whatever comes. */
export async function startOutage (t: Test, target: string): Promise<Outage> {
  const { hostname, port } = new URL(target)
  let open = 0
  const server = createServer(socket => {
    outage.connections.count += 1
    open += 1
    outage.connections.most = Math.max(outage.connections.most, open)
    socket.on('error', () => {})
    socket.on('close', () => { open -= 1 })
    if (outage.away) {
      void delay(5).then(() => { socket.destroy() })
      return
    }
    const forward = connect(Number(port), hostname)
    forward.on('error', () => { socket.destroy() })
    socket.on('close', () => { forward.destroy() })
    forward.on('close', () => { socket.destroy() })
    socket.pipe(forward).pipe(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.close() })
  const outage: Outage = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, away: false, connections: { count: 0, most: 0 } }
  return outage
}
