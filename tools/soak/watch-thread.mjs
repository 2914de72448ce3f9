// A thread that asks every 100 ms whether the service is alive, until it gets a message. Plain JavaScript, as Node 20
// does not load TypeScript in threads.
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

const times = []
let failed = 0
let mostResidentKb = 0
const over = new AbortController()
parentPort.once('message', () => { over.abort() })
while (!over.signal.aborted) {
  const begin = performance.now()
  const answer = await fetch(`${workerData.url}/health/live`).catch(() => undefined)
  await answer?.arrayBuffer()
  times.push(performance.now() - begin)
  if (answer?.status !== 200) failed++
  const [, residentKb] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${workerData.pid}/status`, 'utf8')) ?? []
  mostResidentKb = Math.max(mostResidentKb, Number(residentKb))
  await delay(100)
}
parentPort.postMessage({ times, failed, mostResidentKb })
