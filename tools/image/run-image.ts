import { setTimeout as delay } from 'node:timers/promises'
import Stripe from 'stripe'
import { freePorts } from '../../sandbox/free-ports.js'
import { buildStripeSandbox } from '../../sandbox/stripe/index.js'
import type { ComposeService } from './compose.js'
import type { Command } from './dockerfile.js'
import { finish, lastLines } from './processes.js'
import type { RunningProcess } from './processes.js'
import { entryOf, startIn } from './stages.js'
import type { Image } from './stages.js'

/** Longest wait for a start, an event, a command or a stop, in milliseconds; a stop alone may take 30 seconds. */
const PATIENCE_MS = 60_000

/** The operator's commands, by the end of their paths, with arguments, what they say when they have worked, and how they end. */
const COMMANDS: Array<[path: string, args: () => string[], says: RegExp, code: number]> = [
  ['/reconcile.js', () => ['--since', new Date(Date.now() - 3_600_000).toISOString()], /0 events since/, 0],
  ['/reinterpret.js', () => ['--type', 'invoice.paid'], /No stored event matches/, 0],
  // Nobody listens where Affitor should be.
  ['/verify-service.js', () => [], /^✓ workers: .+^✗ affitor-key: /ms, 1]
]

export interface RunOptions {
  image: Image
  /** Of compose.yaml, which has an `api` and a `worker`. */
  services: Record<string, ComposeService>
  /** What the documents say may be started, such as `dist/src/service/worker.js`. */
  programs: string[]
  /** Of an empty database. */
  databaseUrl: string
  /** Told what was shown, a line each. */
  log: (message: string) => void
}

/**
 * Runs an image as compose.yaml does: the API, a worker beside it, and the operator's commands.
 * @throws Error for what does not start, answer, work or stop
 */
export async function runImage ({ image, services, programs, databaseUrl, log }: RunOptions): Promise<void> {
  const { api, worker } = services
  if (api === undefined || worker?.command === undefined) throw new Error('compose.yaml has no api, or no worker with a command.')
  const { STRIPE_SECRET_KEY: secretKey = '', STRIPE_WEBHOOK_SECRET: webhookSecret = '', ADMIN_TOKEN: token = '' } = api.environment
  const stripe = await buildStripeSandbox({ secretKey, webhookSecret })
  const [port = 0] = await freePorts(3)
  const here = {
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    STRIPE_API_URL: await stripe.listen({ host: '127.0.0.1', port: 0 }),
    // Nobody listens: there is nothing to deliver.
    AFFITOR_API_URL: 'http://127.0.0.1:9'
  }
  const running: RunningProcess[] = []
  const start = (service: ComposeService, command: Command): RunningProcess => {
    const started = startIn(image, command, { ...service.environment, ...here })
    running.push(started)
    return started
  }
  const url = `http://127.0.0.1:${port}`
  try {
    const server = start(api, entryOf(image, api.command))
    await until('the API is ready', server, async () => await status(`${url}/health/ready`) === 200)
    log('GET /health/ready answers 200.')

    const { healthcheck } = image
    if (healthcheck === undefined) throw new Error('The image has no HEALTHCHECK, so nobody notices when it is not well.')
    // As an engine does: once is enough, and one that takes too long is killed and tried again.
    await until('HEALTHCHECK finds it well', server, async () =>
      await finish('HEALTHCHECK', start(api, healthcheck.command), healthcheck.timeoutMs).then(() => true, (error: Error) => {
        log(error.message)
        return false
      }))
    log('HEALTHCHECK finds it well.')

    const payload = JSON.stringify(unpaidCheckout)
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
    const answer = await status(`${url}/webhooks/stripe`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'stripe-signature': signature }, body: payload
    })
    if (answer !== 200) throw new Error(`A signed webhook was answered ${answer}:\n${lastLines(server.output())}`)
    log('POST /webhooks/stripe answers 200 to a signed event.')

    const workers = start(worker, entryOf(image, worker.command))
    await until('the worker has interpreted the event', workers, async () => {
      const response = await fetch(`${url}/api/tracking/stripe-events`, { headers: { authorization: `Bearer ${token}` } })
      const { events } = await response.json() as { events: Array<{ state: string }> }
      return events.length === 1 && events[0]?.state !== 'received'
    })
    log('The worker has interpreted it.')

    for (const [end, args, says, code] of COMMANDS) {
      const program = programs.find(path => path.endsWith(end))
      if (program === undefined) throw new Error(`README.md and compose.yaml do not say how to run ${end.slice(1)} in the image.`)
      const output = await finish(program, start(api, entryOf(image, ['node', program, ...args()])), PATIENCE_MS, code)
      if (!says.test(output)) throw new Error(`${program} did not say what it does:\n${lastLines(output)}`)
      log(`${program} works.`)
    }

    for (const [name, one] of Object.entries({ worker: workers, API: server })) {
      one.signal('SIGTERM')
      await finish(`After SIGTERM the ${name}`, one, PATIENCE_MS)
      log(`After SIGTERM the ${name} ends with 0.`)
    }
  } finally {
    for (const one of running) one.signal('SIGKILL')
    await Promise.all(running.map(one => one.ended))
    await stripe.close()
  }
}

/** A checkout whose money is still on its way: stored, and no sale. */
const unpaidCheckout = {
  id: 'evt_1ImageCheck',
  object: 'event',
  api_version: '2026-10-28.endive',
  created: Math.floor(Date.now() / 1000),
  data: { object: { id: 'cs_test_1', object: 'checkout.session', payment_status: 'unpaid', mode: 'payment', metadata: {} } },
  livemode: false,
  pending_webhooks: 1,
  request: null,
  type: 'checkout.session.completed'
}

async function until (what: string, running: RunningProcess, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !await isSo(); await delay(100)) {
    if (running.isOver() || performance.now() > end) throw new Error(`Waited in vain until ${what}:\n${lastLines(running.output())}`)
  }
}

/** The status of an answer; undefined when there is none. */
async function status (url: string, init?: RequestInit): Promise<number | undefined> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined)
  await response?.body?.cancel()
  return response?.status
}
