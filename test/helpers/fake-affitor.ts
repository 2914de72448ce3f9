import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** One answer: a status, headers, and the body's bytes as they go out. */
export interface FakeAnswer { status?: number, headers?: Record<string, string>, body: string }

/** An address that answers every call the same: for what the stand-in, which keeps to Affitor's documents, never answers. */
export async function startFakeAffitor (t: Test, answer: FakeAnswer): Promise<{ url: string, calls: () => number }> {
  let calls = 0
  const server = createServer((request, response) => {
    calls += 1
    request.resume().on('end', () => {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers }).end(answer.body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls }
}
