import autocannon from 'autocannon'

export interface LoadOptions {
  url: string
  connections: number
  /** Each is sent once, as soon as its connection is free. */
  requests: autocannon.Request[]
  /** The status that each must be answered. */
  expected: number
}

export interface Load {
  /** Answers a second. */
  perSecond: number
  /** Of each request, in milliseconds. */
  latencies: number[]
  problems: string[]
}

/** Sends requests that were made before, all of them once, and looks at every answer's status. */
export async function send ({ url, connections, requests, expected }: LoadOptions): Promise<Load> {
  // As autocannon deals the amount out to its connections.
  const shares = Array.from({ length: connections }, (_, index) => requests.filter((_, place) => place % connections === index))
  const latencies: number[] = []
  let [began, ended, wrong] = [0, 0, 0]
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const finish = (error: Error | null, done: autocannon.Result) => { if (error === null) resolve(done); else reject(error) }
    const instance = autocannon({
      url,
      connections,
      amount: requests.length,
      // It looks this often whether it is done, in milliseconds.
      sampleInt: 20,
      timeout: 60,
      setupClient: client => client.setRequests(shares.shift() ?? [])
    }, finish)
    instance.on('start', () => { began = performance.now() })
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      ended = performance.now()
      latencies.push(milliseconds)
      if (status !== expected) wrong++
    })
  })
  const problems = wrong + result.errors + result.timeouts === 0 && latencies.length === requests.length
    ? []
    : [`${url}: of ${requests.length} requests ${latencies.length} were answered, ${wrong} of them not ${expected}; ${result.errors} errors, ${result.timeouts} time-outs`]
  return { perSecond: latencies.length / (ended - began) * 1_000, latencies, problems }
}

/**
 * Loads that take about the same time: as many requests as the one before would have answered in it.
 * @param first how many requests the first has, the one that warms up
 */
export function steady (seconds: number, first: number, load: (count: number) => Promise<Load>): () => Promise<Load> {
  let count = first
  return async () => {
    const done = await load(count)
    count = Math.max(first, Math.round(done.perSecond * seconds))
    return done
  }
}
