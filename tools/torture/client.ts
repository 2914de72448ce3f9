import { setTimeout as delay } from 'node:timers/promises'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { Faults } from './options.js'

export interface Answer {
  status: number
  body: Record<string, unknown>
}

/** Every answer counts: a caller may be told 503, but never be kept waiting for longer, in milliseconds. */
export const LONGEST_ANSWER_MS = 40_000

const GIVE_UP_MS = LONGEST_ANSWER_MS + 5_000

/** Calls the service as its callers do: any of its processes, and again when there was no answer or a 5xx. */
export class Client {
  /** How often each status was answered; `none`: the connection broke. */
  readonly answers = new Map<string, number>()
  longestAnswerMs = 0
  readonly #urls: string[]
  readonly #faults: Faults
  readonly #violations: string[]

  /** @param violations takes the answers that must not be */
  constructor (urls: string[], { faults, violations }: { faults: Faults, violations: string[] }) {
    this.#urls = urls
    this.#faults = faults
    this.#violations = violations
  }

  /**
   * Repeats a request until it is answered by something else than a 5xx.
   * @returns the answer, and whether an earlier try may have been heard
   */
  async insist (random: Random, path: string, body: string, headers: Record<string, string> = {}): Promise<Answer & { repeated: boolean }> {
    for (let repeated = false; ; repeated = true) {
      const answer = await this.ask(pick(random, this.#urls), path, body, headers)
      if (answer !== undefined && answer.status < 500) return { ...answer, repeated }
      await delay(between(random, 50, 400))
    }
  }

  /** Makes one request; undefined when it brought no answer. */
  async ask (url: string, path: string, body: string, headers: Record<string, string>): Promise<Answer | undefined> {
    const begin = performance.now()
    try {
      const response = await fetch(`${url}${path}`, { method: 'POST', body, headers, signal: AbortSignal.timeout(GIVE_UP_MS) })
      const answer = { status: response.status, body: await response.json() as Answer['body'] }
      this.#judge(path, answer, response.headers)
      return answer
    } catch (error) {
      this.#count('none')
      if ((error as Error).name === 'TimeoutError') this.#violations.push(`POST ${path} was not answered within ${GIVE_UP_MS / 1000} s`)
      else if (this.#faults === 'database') this.#violations.push(`POST ${path} was not answered: ${String((error as Error).cause ?? error)}`)
      return undefined
    } finally {
      this.longestAnswerMs = Math.max(this.longestAnswerMs, performance.now() - begin)
    }
  }

  #judge (path: string, { status, body }: Answer, headers: Headers): void {
    this.#count(String(status))
    const isUnavailable = status === 503 && this.#faults !== 'kill'
    if (status >= 500 && !isUnavailable) this.#violations.push(`POST ${path} was answered ${status} ${JSON.stringify(body)}`)
    if (status === 503 && headers.get('retry-after') === null) this.#violations.push(`POST ${path} was answered 503 without Retry-After`)
  }

  #count (answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
  }
}
