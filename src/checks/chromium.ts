import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge']

/** Where it is installed without being in the PATH. */
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe'
]

/** The profile is made for the visit and removed with it: nothing of a person's own browser is seen or changed. */
const FLAGS = [
  '--headless', '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-extensions', '--disable-gpu', '--disable-dev-shm-usage', '--mute-audio'
]

/** How long a browser may take to end by itself, in milliseconds. */
const END_MS = 1_000
/** How long its helpers may take after it, in milliseconds. */
const HELPERS_END_MS = 200

/** A page in a browser that was started for it. Methods and events are those of https://chromedevtools.github.io/devtools-protocol */
export interface BrowserPage {
  /** @throws {Error} when the browser refuses, or ended */
  send <T = unknown>(method: string, params?: object): Promise<T>
  on <T = unknown>(event: string, listener: (params: T) => void): void
  close (): Promise<void>
}

interface Message {
  id?: number
  method?: string
  params?: unknown
  result?: unknown
  error?: { message: string }
  sessionId?: string
}

/** The browser to use: CHROMIUM_PATH, or one that is installed; undefined when there is none. */
export function findChromium ({ CHROMIUM_PATH, PATH = '' }: Record<string, string | undefined>): string | undefined {
  if (CHROMIUM_PATH !== undefined && CHROMIUM_PATH !== '') return CHROMIUM_PATH
  return [...PATH.split(delimiter).filter(folder => folder !== '').flatMap(folder => NAMES.map(name => join(folder, name))), ...ELSEWHERE].find(existsSync)
}

/**
 * Starts a browser with one empty page. It speaks through pipes, so that nobody else on the machine can speak to it and
 * it ends with this process.
 * @param program path of Chromium
 * @param signal ends the browser
 * @throws {Error} when it does not start
 */
export async function openBrowserPage (program: string, signal: AbortSignal): Promise<BrowserPage> {
  const profile = await mkdtemp(join(tmpdir(), 'fastify-affitor-verify-'))
  // Chromium's own sandbox does not work for root, as whom containers run.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = spawn(program, [...FLAGS, ...asRoot, `--user-data-dir=${profile}`, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const [, , , orders, answers] = browser.stdio as unknown as [null, null, null, Writable, Readable]
  const waiting = new Map<number, { resolve (result: unknown): void, reject (error: Error): void }>()
  const listeners = new Map<string, Array<(params: never) => void>>()
  let lastId = 0
  let sessionId: string | undefined
  let failure: Error | undefined

  const ended = new Promise<void>(resolve => {
    const end = (why: string) => {
      failure ??= new Error(why)
      for (const { reject } of waiting.values()) reject(failure)
      waiting.clear()
      resolve()
    }
    browser.once('error', error => { end((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such program' : error.message) })
    browser.once('exit', (code, killed) => { end(`it ended ${code === null ? `by ${killed}` : `with code ${code}`}`) })
  })
  // What is written to a browser that has ended is told by its end.
  orders.on('error', () => {})
  answers.on('error', () => {})
  answers.on('data', reader(message => {
    if (message.id === undefined) {
      if (message.sessionId === sessionId) for (const listener of listeners.get(message.method ?? '') ?? []) listener(message.params as never)
      return
    }
    const waiter = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) waiter?.resolve(message.result)
    else waiter?.reject(new Error(message.error.message))
  }))

  const send = async <T>(method: string, params: object = {}): Promise<T> => await new Promise<T>((resolve, reject) => {
    if (failure !== undefined) {
      reject(failure)
      return
    }
    const id = ++lastId
    waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
    orders.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`)
  })

  // A command that ends before its checks do waits for nothing: then as much is removed as a moment allows.
  const leaveNothing = () => {
    browser.kill('SIGKILL')
    // Its helpers end a moment after it, and write until then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELPERS_END_MS)
    try {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    } catch {}
  }
  process.once('exit', leaveNothing)

  let closing: Promise<void> | undefined
  const close = async () => await (closing ??= end())
  async function end (): Promise<void> {
    signal.removeEventListener('abort', close)
    const timer = setTimeout(() => { browser.kill('SIGKILL') }, END_MS)
    sessionId = undefined
    await Promise.race([send('Browser.close').catch(() => {}).then(async () => await ended), ended])
    clearTimeout(timer)
    // Those of a browser that never started stay open by themselves.
    orders.destroy()
    answers.destroy()
    // Its helpers may still write for a moment.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => {})
    process.off('exit', leaveNothing)
  }
  signal.addEventListener('abort', close, { once: true })

  try {
    signal.throwIfAborted()
    const { targetId } = await send<{ targetId: string }>('Target.createTarget', { url: 'about:blank' })
    sessionId = (await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })).sessionId
  } catch (error) {
    await close()
    throw error
  }
  return {
    send,
    on (event, listener) { listeners.set(event, [...listeners.get(event) ?? [], listener]) },
    close
  }
}

/** Takes bytes, and hands on each message, which ends with a NUL. */
function reader (onMessage: (message: Message) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  return chunk => {
    let from = 0
    for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, from)) {
      onMessage(JSON.parse(Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8')) as Message)
      parts = []
      from = end + 1
    }
    if (from < chunk.length) parts.push(chunk.subarray(from))
  }
}
