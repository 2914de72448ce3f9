import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * The least that stands in for Affitor: it answers every call after `LATENCY_MS` and remembers what was called when.
 * Plain `node:http`, in a process of its own, so that it has time to spare.
 */
const latencyMs = Number(process.env.LATENCY_MS)
const answer = JSON.stringify({ success: true, sale_id: 1, commission_id: 1, message: 'Sale recorded' })
let calls: Array<[key: string, at: number]> = []

const server = createServer((request, response) => { void handle(request, response) })
server.keepAliveTimeout = 60_000
process.once('SIGTERM', () => process.exit())
server.listen(Number(process.env.PORT), '127.0.0.1')

async function handle (request: IncomingMessage, response: ServerResponse): Promise<void> {
  // Of the machine, not of the process, in milliseconds: the bench compares it with its own.
  const at = Number(process.hrtime.bigint()) / 1e6
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  response.setHeader('content-type', 'application/json')
  if (request.method === 'POST') {
    const { transaction_id: transaction, customer_key: customer } = JSON.parse(body) as Record<string, string>
    calls.push([transaction ?? customer ?? '', at])
    if (latencyMs > 0) await delay(latencyMs - (Number(process.hrtime.bigint()) / 1e6 - at))
    response.end(answer)
  } else if (request.url === '/calls') {
    response.end(JSON.stringify(calls))
    calls = []
  } else {
    response.end('{}')
  }
}
