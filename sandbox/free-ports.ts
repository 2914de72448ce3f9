import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'

/** Ports of 127.0.0.1 in a row on which nothing listens. */
export async function freePorts (count: number): Promise<number[]> {
  for (;;) {
    const servers = Array.from({ length: count }, () => createServer())
    const ports: number[] = []
    let free = true
    for (const server of servers) {
      const [first] = ports
      // The system chooses the first one.
      if (first === undefined) ports.push(await listenOn(server, 0))
      else if (free) free = await listenOn(server, first + ports.length).then(port => ports.push(port) > 0, () => false)
    }
    await Promise.all(servers.filter(({ listening }) => listening).map(server => once(server.close(), 'close')))
    if (free) return ports
  }
}

async function listenOn (server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
