import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import t from 'tap'

/**
 * Runs the test files beside the calling one in this process, one after the other. To load the service takes longer
 * than most files' tests: a process for each of them would take twice the time.
 *
 * @param caller its `import.meta.url`
 */
export async function runFolder (caller: string): Promise<void> {
  // tap's limit is meant for one file.
  t.setTimeout(600_000)
  const folder = new URL('.', caller)
  const files = (await readdir(folder)).filter(name => name.endsWith('.test.ts')).sort()
  for (const file of files) {
    // A file's tests stand in line behind this one, and the next file behind them.
    await t.test(`${basename(folder.pathname)}/${file} loads`, async () => { await import(new URL(file, folder).href) })
  }
}
