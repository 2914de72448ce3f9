import type { TrackingCall } from '../../sandbox/affitor/index.js'
import type { CycleResult } from './cycle.js'
import type { Outage } from './outages.js'
import type { ProcessFaults } from './process-faults.js'
import type { Setting } from './setting.js'

/** Counts over all cycles, and prints them. */
export class Report {
  readonly #setting: Setting
  readonly #begin = performance.now()
  readonly #outages: Outage[] = []
  #answersBefore = new Map<string, number>()
  #factsBefore = 0
  readonly #processFaults: ProcessFaults = { kills: 0, stops: 0, cuts: 0 }
  #calls = 0
  #longestCalmMs = 0

  constructor (setting: Setting) {
    this.#setting = setting
  }

  /** One line for a cycle. */
  cycle (number: number, { processFaults, outage, calmMs }: CycleResult): void {
    const { affitor, world: { client, book } } = this.#setting
    const calls = affitor.calls()
    for (const fault of ['kills', 'stops', 'cuts'] as const) this.#processFaults[fault] += processFaults?.[fault] ?? 0
    this.#calls += affitor.sandbox.affitorState.calls.count
    this.#longestCalmMs = Math.max(this.#longestCalmMs, calmMs)
    if (outage !== undefined) this.#outages.push(outage)
    const answers = [...client.answers].map(([status, count]) => [status, count - (this.#answersBefore.get(status) ?? 0)] as const)
    console.log([
      `cycle ${number}:`,
      `${book.facts - this.#factsBefore} facts,`,
      `answers ${counts(answers)};`,
      ...(processFaults === undefined ? [] : [`${counts(Object.entries(processFaults))};`]),
      ...(outage === undefined ? [] : [`database ${outage.kind} for ${ms(outage.awayMs)}, 2xx after ${ms(outage.answerMs)}, call after ${ms(outage.deliveryMs)};`]),
      `Affitor ${counts(Object.entries(outcomes(calls)))};`,
      `all delivered ${ms(calmMs)} after calm`
    ].join(' '))
    this.#answersBefore = new Map(client.answers)
    this.#factsBefore = book.facts
  }

  /** What it all came to. */
  async summary (): Promise<void> {
    const { service, ledger, world: { client, book } } = this.#setting
    const rows = await ledger.trackingEvents()
    const attention = rows.filter(row => row.state === 'needs_attention').length
    const restarts = service.members.reduce((sum, member) => sum + member.starts - 1, 0)
    const lines = [
      `facts: ${book.facts} (${book.signups.size} leads, ${book.sales.size} sales, ${book.refunds.size} refunds)`,
      `answers: ${counts([...client.answers])}; the slowest took ${ms(client.longestAnswerMs)}`,
      `${counts(Object.entries(this.#processFaults))}; restarts: ${restarts}`,
      `Affitor: ${this.#calls} calls, ${(this.#calls / book.facts).toFixed(2)} a fact`,
      `needs attention, as a 500 and then a lost answer explain: ${attention}`,
      `longest from acceptance to delivery: ${ms(await ledger.longestDeliveryMs())}; longest from calm to all delivered: ${ms(this.#longestCalmMs)}`,
      ...this.#outageLines(),
      `time: ${ms(performance.now() - this.#begin)}`
    ]
    console.log(`\n${lines.join('\n')}`)
  }

  #outageLines (): string[] {
    return [...new Set(this.#outages.map(({ kind }) => kind))].sort().map(kind => {
      const outages = this.#outages.filter(outage => outage.kind === kind)
      const [away, answer, delivery] = (['awayMs', 'answerMs', 'deliveryMs'] as const)
        .map(key => Math.max(...outages.map(outage => outage[key])))
      return `database ${kind}: ${outages.length} times, for up to ${ms(away)}; from its return to the first 2xx ${ms(answer)}, to the next call of Affitor ${ms(delivery)} at most`
    })
  }
}

/** What the calls of Affitor came to: statuses, and `lost` for those without an answer. */
function outcomes (calls: TrackingCall[]): Record<string, number> {
  const result: Record<string, number> = {}
  for (const { status, recorded } of calls) {
    const name = status === null ? (recorded ? 'lost after recording' : 'lost') : status >= 500 && recorded ? `${status} after recording` : String(status)
    result[name] = (result[name] ?? 0) + 1
  }
  return result
}

function counts (entries: Iterable<readonly [string, number]>): string {
  return [...entries].filter(([, count]) => count > 0).sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name}: ${count}`).join(', ')
}

function ms (value = 0): string {
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`
}
