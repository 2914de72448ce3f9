import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Answer } from './service.js'

/** A connection on which a test writes bytes as it likes, and all that came back on it. */
export interface RawConnection {
  socket: Socket
  /** Resolves when the connection is closed, with what was answered. */
  closed: Promise<Buffer>
}

export function connectRaw (url: string): RawConnection {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => { chunks.push(chunk) })
  return { socket, closed: once(socket, 'close').then(() => Buffer.concat(chunks)) }
}

/** Sends these bytes as they are, which no HTTP client would, and reads the one answer. */
export async function sendRaw (url: string, ...parts: Array<string | Buffer>): Promise<Answer<unknown>> {
  const { socket, closed } = connectRaw(url)
  socket.write(Buffer.concat(parts.map(part => Buffer.from(part as string, 'latin1'))))
  return parseAnswer(await closed)
}

/** The one answer in these bytes. */
export function parseAnswer (bytes: Buffer): Answer<unknown> {
  const [head = '', body = ''] = bytes.toString().split('\r\n\r\n')
  const [status = '', ...headers] = head.split('\r\n')
  return {
    status: Number(status.split(' ')[1]),
    headers: new Headers(headers.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])),
    body: JSON.parse(body)
  }
}
