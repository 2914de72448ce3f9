import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

export type Variables = Record<string, string | undefined>

/** Where Affitor's own command keeps what it learned (`affitor onboard`). */
const AFFITOR_FILE = '.affitor/.env'

/** The process environment over `.env` over `.affitor/.env`, both in the folder: by default the working directory. */
export function readEnvironment (folder = '.'): Variables {
  const file = Object.entries(readFile(join(folder, '.env'))).filter(([, value]) => value !== '')
  // What is empty in .env, as in a copy of .env.example, is absent.
  return { ...readFile(join(folder, AFFITOR_FILE)), ...Object.fromEntries(file), ...process.env }
}

function readFile (path: string): Variables {
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return {}
  }
}
