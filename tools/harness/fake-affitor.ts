import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** One answer: a status, headers, and the body's bytes as they go out. */
export interface FakeAnswer { status?: number, headers?: Record<string, string>, body: string, latencyMs?: number }

/** A call: what it was about, and when it arrived by `now()`. */
export interface FakeCall { key: string, at: number }

export interface FakeAffitor {
  url: string
  calls: FakeCall[]
  close (): void
}

/** Milliseconds on the clock that all processes of the machine share. */
export function now (): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * The least that stands in for Affitor: it answers every request the same, and remembers what was told when; `/calls`
 * tells, and forgets. Plain `node:http`, so that it has time to spare.
 */
export async function startFake (answer: FakeAnswer, port = 0): Promise<FakeAffitor> {
  const calls: FakeCall[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch(() => { response.destroy() })
  })
  server.keepAliveTimeout = 60_000

  async function handle (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = now()
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    if (request.url === '/calls') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(calls.splice(0)))
      return
    }
    if (request.method === 'POST') {
      const { transaction_id: transaction, customer_key: customer } = JSON.parse(text) as Record<string, string>
      calls.push({ key: transaction ?? customer ?? '', at })
    }
    // Whoever started it may change the answer.
    const { status = 200, headers = {}, body, latencyMs = 0 } = answer
    if (latencyMs > 0) await delay(latencyMs - (now() - at))
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }

  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close () {
      server.closeAllConnections()
      server.close()
    }
  }
}
