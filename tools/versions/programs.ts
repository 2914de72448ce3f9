import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Closers } from '../harness/closers.js'

/** What was installed and started goes away also when the tool is interrupted. */
export function closeWhenInterrupted (closers: Closers): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => { void closers.close().catch(() => {}).finally(() => process.exit(130)) })
  }
}

export const project = join(import.meta.dirname, '../..')

/**
 * Runs test files one after the other, each as a process of its own, until one fails.
 * @param node the program that runs them
 * @returns whether all passed; what a failed one said is printed
 */
export async function runFiles (node: string, files: string[], environment: Record<string, string> = {}): Promise<boolean> {
  for (const file of files) {
    const begin = performance.now()
    const { code, output } = await runProgram(node, ['--import=tsx', file], environment)
    console.log(`${code === 0 ? 'ok' : 'not ok'} - ${file} (${Math.round((performance.now() - begin) / 1000)} s)`)
    if (code === 0) continue
    console.log(output)
    return false
  }
  return true
}

/** Runs a program of the project's to its end. */
export async function runProgram (file: string, args: string[], environment: Record<string, string>): Promise<{ code: number | null, output: string }> {
  const child = spawn(file, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  const [code] = await once(child, 'close') as [number | null]
  return { code, output }
}
