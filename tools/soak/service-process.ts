import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../torture/ports.js'

export interface ServiceProcess {
  pid: number
  url: string
  /** Bytes of the heap in use after a full garbage collection. */
  heapInUse (): Promise<number>
  /** The end of its log when it has ended by itself. */
  lastWords (): Promise<string | undefined>
  /** Ends it and removes its log. */
  end (): Promise<void>
}

const START_PATIENCE_MS = 30_000
const LAST_CHARACTERS = 4_000

/**
 * Starts the service, API and workers, as one process. Its log goes to a file: of a pipe that a busy reader does not
 * empty, it would have to wait for the reader.
 * @param compiled folder with the compiled service
 */
export async function startServiceProcess (compiled: string, environment: Record<string, string>): Promise<ServiceProcess> {
  const cwd = await mkdtemp(join(tmpdir(), 'fastify-affitor-soak-'))
  const logFile = join(cwd, 'log')
  const [port = 0, probePort = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  const log = await open(logFile, 'a')
  const child = spawn(process.execPath, [join(compiled, 'src', 'server.js')], {
    cwd,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      HEAP_PROBE_PORT: String(probePort),
      NODE_OPTIONS: `--import=${new URL('./heap-probe.mjs', import.meta.url).href}`,
      ...environment
    }
  })
  await log.close()
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const started: ServiceProcess = {
    pid: child.pid ?? 0,
    url,
    heapInUse: async () => Number(await (await fetch(`http://127.0.0.1:${probePort}`)).text()),
    lastWords: async () => hasEnded() ? (await readFile(logFile, 'utf8')).slice(-LAST_CHARACTERS) : undefined,
    async end () {
      const closed = once(child, 'close')
      if (!hasEnded() && child.kill('SIGKILL')) await closed
      await rm(cwd, { recursive: true, force: true })
    }
  }
  for (const end = performance.now() + START_PATIENCE_MS; !await isReady(url); await delay(50)) {
    if (!hasEnded() && performance.now() < end) continue
    const words = await readFile(logFile, 'utf8')
    await started.end()
    throw new Error(`The service did not start: ${words.slice(-LAST_CHARACTERS)}`)
  }
  return started
}

async function isReady (url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
  await answer?.arrayBuffer()
  return answer?.status === 200
}
