import { fileURLToPath } from 'node:url'
import closeWithGrace from 'close-with-grace'
import type { FastifyBaseLogger } from 'fastify'
import { readEnvironment } from '../environment.js'
import { loadConfig } from './config.js'
import type { ProvidedConfig } from './config.js'

/** Longest graceful stop: running calls to Affitor, then requests, then the database of a development start, in milliseconds. */
const STOP_TIMEOUT_MS = 30_000

/** Stops in good order on SIGTERM, SIGINT and uncaught errors. */
export function stopGracefully (log: FastifyBaseLogger, stop: () => Promise<void>): void {
  closeWithGrace({ delay: STOP_TIMEOUT_MS, logger: log }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'An error that nothing caught: stopping')
    else log.info({ signal }, 'Stopping')
    await stop()
  })
}

/** Runs a process's main function; what makes a start impossible is told in a sentence, without a stack. */
export async function main (start: () => Promise<unknown>): Promise<void> {
  try {
    await start()
  } catch (error) {
    console.error(`\n${explainStartFailure(error)}\n`)
    process.exit(1)
  }
}

/**
 * A program: what a process runs.
 * @param provide asked for the configuration once the arguments are known to be right
 */
export type Run = (provide: () => Promise<ProvidedConfig>) => Promise<unknown>

/** Runs a program with the environment's configuration if its module is what Node was started with. */
export async function runIfEntry (url: string, run: Run): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return
  await main(() => run(async () => ({ config: loadConfig(readEnvironment()), async release () {} })))
}

function explainStartFailure (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number, address?: string }
  if (code === 'EADDRINUSE') return `Port ${port} on ${address} is in use. Stop what listens there, or set PORT to another one.`
  if (code === 'EACCES' && port !== undefined) return `This user may not listen on port ${port}. Set PORT to one above 1023.`
  return error.message || String(error)
}
