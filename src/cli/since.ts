const UNIT_MS = { d: 86_400_000, h: 3_600_000 }
const SPAN = /^(\d{1,6})([dh])$/
// Stricter than Date, which takes "7" for a month and "2026-02-31" for a day in March.
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads a time span back from now, in days or hours (`7d`, `12h`), or a date or time (UTC unless it says otherwise).
 * @throws with a sentence when it is none of these, in the future, or more than `mostDays` days ago
 */
export function readSince (text: string, now: Date, mostDays: number): Date {
  const since = timeOf(text, now)
  const week = new Date(now.getTime() - 7 * UNIT_MS.d).toISOString().slice(0, 10)
  if (since === undefined) {
    throw new Error(`--since ${text} cannot be read. Give a time span of days or hours, such as 7d or 12h, or a date or time such as ${week} or ${week}T12:00Z.`)
  }
  if (since > now) throw new Error(`--since ${text} is in the future: it is ${now.toISOString()} now.`)
  const earliest = new Date(now.getTime() - mostDays * UNIT_MS.d)
  if (since < earliest) {
    throw new Error(`Stripe keeps events for ${mostDays} days. The earliest time to ask for is ${earliest.toISOString()}: --since ${mostDays}d.`)
  }
  return since
}

function timeOf (text: string, now: Date): Date | undefined {
  const [, count, unit] = SPAN.exec(text) ?? []
  if (count !== undefined) return new Date(now.getTime() - Number(count) * UNIT_MS[unit as 'd' | 'h'])
  const [, day] = TIME.exec(text) ?? []
  if (day === undefined) return undefined
  const midnight = new Date(day)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined
  const hasZone = text === day || /(Z|[+-]\d{2}:\d{2})$/.test(text)
  const time = new Date(hasZone ? text : `${text}Z`)
  return Number.isNaN(time.getTime()) ? undefined : time
}
