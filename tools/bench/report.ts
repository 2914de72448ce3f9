import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packageFile } from '../../src/package-file.js'
import { median } from '../harness/statistics.js'
import type { Machine } from './machine.js'
import type { Result, Side, Target } from './row.js'

/** One row as it was measured, with what is needed to measure it again. */
export interface Report {
  name: string
  title: string
  command: string
  machine: Machine
  result: Result
}

const BEGIN = '<!-- results: written by `npm run bench` -->'
const END = '<!-- end of results -->'

/** Whether the median of a target's rounds is where it must be. */
export function isReached ({ rounds, atLeast = -Infinity, atMost = Infinity }: Target): boolean {
  const figure = median(rounds)
  return figure >= atLeast && figure <= atMost
}

/** One row in lines, for the terminal. */
export function describe ({ title, result }: Report): string {
  return [
    title,
    ...result.sides.map(side => `  ${side.role.padEnd(6)} ${figureOf(side)}`),
    ...result.targets.map(target => `  ${isReached(target) ? 'reached' : 'MISSED '} ${goalOf(target)}`),
    ...result.problems.map(problem => `  NOT SANE: ${problem}`)
  ].join('\n')
}

/** Keeps a row's figures, and writes the table of all that are kept. */
export async function keep (report: Report, order: string[]): Promise<void> {
  const readme = packageFile('tools/bench/README.md')
  const results = join(dirname(readme), 'results')
  await mkdir(results, { recursive: true })
  await writeFile(join(results, `${report.name}.json`), `${JSON.stringify(report, null, 2)}\n`)
  const files = (await readdir(results)).filter(name => name.endsWith('.json'))
  const reports = await Promise.all(files.map(async name => JSON.parse(await readFile(join(results, name), 'utf8')) as Report))
  reports.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
  const text = await readFile(readme, 'utf8')
  const [before = ''] = text.split(BEGIN)
  const [, after = ''] = text.split(END)
  await writeFile(readme, `${before}${BEGIN}\n\n${table(reports)}\n\n${END}${after}`)
}

function table (reports: Report[]): string {
  const cell = (lines: string[]) => lines.join('<br>').replaceAll('|', '\\|')
  const sides = (report: Report, role: Side['role']) => report.result.sides.filter(side => side.role === role).map(figureOf)
  return [
    '| what | fastify-affitor | limit | others | must reach: measured |',
    '| --- | --- | --- | --- | --- |',
    ...reports.map(report => `| ${report.title} | ${cell(sides(report, 'ours'))} | ${cell(sides(report, 'limit'))} | ${cell(sides(report, 'other'))} | ` +
      `${cell(report.result.targets.map(target => `${isReached(target) ? 'reached' : '**missed**'}: ${goalOf(target)}`))} |`),
    '',
    ...reports.flatMap(({ name, result }) => result.notes.map(note => `- \`${name}\`: ${note}`)),
    '',
    ...new Set(reports.map(({ name, command, machine }) => `- \`${name}\`: ${machine.date} UTC, \`${command}\`, Node ${machine.node}, PostgreSQL ${machine.postgres}, ` +
      `${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, ${machine.system}, load average before ${machine.load}`))
  ].join('\n')
}

function figureOf ({ what, unit, rounds }: Side): string {
  return `${what}: ${shown(median(rounds), unit)} (${rounds.length > 1 ? spread(rounds, unit) : 'once'})`
}

function goalOf (target: Target): string {
  const { what, unit, rounds, atLeast, atMost } = target
  const bound = atLeast === undefined ? `at most ${shown(atMost ?? NaN, unit)}` : `at least ${shown(atLeast, unit)}`
  return `${bound} ${what}: ${shown(median(rounds), unit)}${rounds.length > 1 ? ` (${spread(rounds, unit)})` : ''}`
}

function spread (rounds: number[], unit: string): string {
  return `${shown(Math.min(...rounds), unit)} to ${shown(Math.max(...rounds), unit)}`
}

function shown (figure: number, unit: string): string {
  const digits = unit === '×' ? 2 : Math.abs(figure) < 100 ? 1 : 0
  const text = figure.toLocaleString('en', { minimumFractionDigits: unit === '×' ? 2 : 0, maximumFractionDigits: digits })
  return unit === '×' || unit === '/s' ? `${text}${unit}` : `${text} ${unit}`
}
