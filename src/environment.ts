import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

export type Variables = Record<string, string | undefined>

/** The process environment over `.env` in the working directory. */
export function readEnvironment (path = '.env'): Variables {
  let file: Variables = {}
  try {
    file = parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return { ...file, ...process.env }
}
