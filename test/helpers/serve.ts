import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Served { status?: number, headers?: Record<string, string | string[]>, body?: string }

/** A request with its whole body. */
export interface Received { method: string, path: string, headers: IncomingMessage['headers'], body: Buffer }

type Handle = (request: Received, response: ServerResponse) => Served | undefined | Promise<Served | undefined>

/** A small server on a free loopback port, for what no stand-in does. It closes with the test. @returns its address */
export async function serve (t: Pick<Test, 'teardown'>, handle: Handle): Promise<string> {
  const server = createServer((request, response) => {
    receive(request, response).catch(() => { response.destroy() })
  })

  async function receive (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = await handle({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) }, response)
    if (answer === undefined) return
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
