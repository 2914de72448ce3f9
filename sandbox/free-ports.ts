import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A port whose next two are free as well, for the stand-ins. */
export async function freePorts (): Promise<number> {
  for (;;) {
    const servers = [createServer()]
    const first = await listenOn(servers[0] as ReturnType<typeof createServer>, 0)
    let free = first < 65_533
    for (const offset of [1, 2]) {
      const server = createServer()
      servers.push(server)
      if (free) free = await listenOn(server, first + offset).then(() => true, () => false)
    }
    for (const server of servers) server.close()
    if (free) return first
  }
}

async function listenOn (server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
