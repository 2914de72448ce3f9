import { Agent, request as httpRequest } from 'node:http'
import type { Test } from 'tap'
import { headersOf } from './credentials.js'
import { bytesOf } from './json-bodies.js'
import type { Request } from './requests.js'

export interface Answer { status: number, code?: string, text: string }

export type Send = (request: Request) => Promise<Answer>

/** Sends requests as they are; `fetch` would tidy their paths and headers. */
export function sender (t: Test, url: string): Send {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())

  return async ({ operation, method, path, query, headers, credentials, body, rawPath }) => {
    const filled = operation.path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(path[name] ?? ''))
    const search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
    const bytes = body === undefined ? undefined : bytesOf(body)
    return await new Promise<Answer>((resolve, reject) => {
      const request = httpRequest({
        agent,
        hostname,
        port,
        method,
        path: `${rawPath ?? filled}${search === '' ? '' : `?${search}`}`,
        headers: {
          ...headers,
          ...(body?.contentType === undefined ? {} : { 'content-type': body.contentType }),
          ...(bytes === undefined ? {} : { 'content-length': bytes.length }),
          ...headersOf(credentials, bytes ?? Buffer.alloc(0))
        }
      }, response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject).on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const isFile = response.headers['content-type']?.startsWith('text/') === true
          const { code } = JSON.parse(isFile || text === '' ? '{}' : text) as { code?: string }
          resolve({ status: response.statusCode ?? 0, ...(code === undefined ? {} : { code }), text })
        })
      })
      request.on('error', reject)
      request.end(bytes)
    })
  }
}
