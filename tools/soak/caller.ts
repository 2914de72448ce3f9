import { Agent, request } from 'node:http'

export interface Answer {
  /** 0 when there was none: the connection broke, or it took too long. */
  status: number
  body: string
  retryAfter: string | undefined
}

const TIMEOUT_MS = 30_000

/** Calls the service on connections that are kept; there are as many as requests at once. */
export class Caller {
  readonly #url: string
  // By turns: a connection that is not used for long might be closed just as it is taken.
  readonly #agent = new Agent({ keepAlive: true, scheduling: 'fifo', maxFreeSockets: Infinity })

  constructor (url: string) {
    this.#url = url
  }

  /** Open connections. */
  get connections (): number {
    return [this.#agent.sockets, this.#agent.freeSockets].flatMap(sockets => Object.values(sockets)).reduce((sum, list) => sum + (list?.length ?? 0), 0)
  }

  async get (path: string): Promise<Answer> {
    return await this.#ask('GET', path, '', {})
  }

  async post (path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    return await this.#ask('POST', path, body, { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) })
  }

  /** Ends all connections; the next request makes a new one. */
  disconnect (): void {
    this.#agent.destroy()
  }

  async #ask (method: string, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    return await new Promise(resolve => {
      const fail = () => { resolve({ status: 0, body: '', retryAfter: undefined }) }
      const outgoing = request(`${this.#url}${path}`, { method, headers, agent: this.#agent, timeout: TIMEOUT_MS }, incoming => {
        let text = ''
        incoming.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('error', fail).on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, body: text, retryAfter: incoming.headers['retry-after'] })
        })
      })
      outgoing.on('timeout', () => { outgoing.destroy() }).on('error', fail).end(body)
    })
  }
}
