import { main } from '../../src/service/run.js'
import { Closers } from './closers.js'
import { readOptions } from './options.js'
import type { Command } from './options.js'

/**
 * Runs a tool as a process of its own: reads the command line, sets the stage, plays on it, and undoes it all, also
 * when it is interrupted.
 * @param play resolves to whether all was well: the process ends with 0, and otherwise with 1
 */
export async function runTool<Options extends object, Stage> (
  command: Command<Options>, set: (options: Options, closers: Closers) => Promise<Stage>, play: (stage: Stage, options: Options) => Promise<boolean>
): Promise<void> {
  await main(async () => {
    const options = readOptions(process.argv.slice(2), command)
    const closers = new Closers()
    const setting = set(options, closers)
    let interrupted: Promise<void> | undefined
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // What is half set could not be undone. Not `once`: tsx ends a process that has no listener left.
      process.on(signal, () => {
        interrupted ??= setting.catch(() => {}).then(() => closers.close()).catch(() => {}).finally(() => process.exit(130))
      })
    }
    try {
      process.exitCode = await play(await setting, options) ? 0 : 1
    } catch (error) {
      // Perhaps everything is being taken away from under it; then this does not return.
      await interrupted
      throw error
    } finally {
      await closers.close()
    }
  })
}
