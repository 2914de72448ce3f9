import { availableParallelism, loadavg } from 'node:os'
import type { Spread } from '../harness/statistics.js'
import { compareThirds } from './judge.js'
import type { Options } from './options.js'
import type { OverloadResult } from './overload.js'
import type { SoakResult } from './soak.js'

/** On what the figures were taken. */
export function printMachine (): void {
  console.log(`Node ${process.version}, ${availableParallelism()} cores, which callers, service, PostgreSQL and stand-ins share; load average ${loadavg()[0]?.toFixed(1)} before`)
}

export function printSoak (result: SoakResult, options: Options): void {
  const { rate, samples, refused, leftOut, calmMs, facts } = result
  if (rate.webhooks < options.webhooks) {
    console.log(`\n!!! THE MACHINE DOES NOT HOLD ${options.webhooks} webhooks/s: the load was LOWERED to ${rate.webhooks.toFixed(0)}/s !!!\n`)
  }
  const { rows, disturbed } = compareThirds(result)
  console.log(`${rate.webhooks.toFixed(0)} webhooks/s and ${rate.signups.toFixed(1)} signups/s for ${options.minutes} minutes; ` +
    `${facts} facts, the last delivered ${calmMs.toFixed(0)} ms after the load`)
  console.log(`refused: ${counts([...refused])}; left out by the callers: ${leftOut}; seconds in which the machine was too busy for the callers: ${disturbed} of ${samples.length}`)
  table(['', 'first third', 'last third', 'ratio', 'most'], rows.map(({ what, first, last, most }) =>
    [what, ...[first, last].map(value => value.toFixed(1)), first === 0 ? '' : (last / first).toFixed(2), most.toFixed(1)]))
  if (rows.every(({ what }) => !what.includes('p99'))) console.log('\n!!! LATENCIES ARE NOT JUDGED: the machine was too busy for the callers most of the time !!!')
}

export function printOverload (result: OverloadResult): void {
  const { what, sustainable, offered, accepted, leftOut, acceptedMs, shedMs, statuses, live, residentMb, mostResidentMb, calmMs, recoveryMs } = result
  console.log()
  table([what, ''], [
    ['sustainable a second, before and after', `${sustainable.before.toFixed(0)}, ${sustainable.after.toFixed(0)}`],
    ['offered a second', `${offered.toFixed(0)} (${(offered / sustainable.before).toFixed(1)} times; ${leftOut} more had no caller left)`],
    ['accepted a second', `${accepted.toFixed(0)} (${(100 * accepted / sustainable.before).toFixed(0)} %)`],
    ['answers', counts(Object.entries(statuses))],
    ['accepted: p50, p99', spread(acceptedMs)],
    ['shed: p50, p99', spread(shedMs)],
    ['alive: p50, p99', `${spread(live)} of ${live.count} checks`],
    ['resident MB before, at most, after', [residentMb.before, mostResidentMb, residentMb.after].map(value => value.toFixed(0)).join(', ')],
    ['one request before', `${calmMs.toFixed(0)} ms`],
    ['as before after', `${recoveryMs.toFixed(0)} ms`]
  ])
}

function spread ({ p50, p99 }: Spread): string {
  return `${p50.toFixed(0)} ms, ${p99.toFixed(0)} ms`
}

function counts (entries: Array<[string | number, number]>): string {
  return entries.map(([status, count]) => `${count} times ${status}`).join(', ') || 'none'
}

function table (head: string[], rows: string[][]): void {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column]?.length ?? 0)))
  for (const row of [head, ...rows]) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd())
}
