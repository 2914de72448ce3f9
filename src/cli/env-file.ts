import { access, constants, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'

/** A variable in a file such as `.env`; undefined when it is not there, or empty. */
export async function readVariable (path: string, name: string): Promise<string | undefined> {
  return parseEnv(await textOf(path) ?? '')[name] || undefined
}

/** @throws with a sentence when the file cannot be written, or made */
export async function checkWritable (path: string): Promise<void> {
  try {
    await access(await textOf(path) === undefined ? dirname(path) : path, constants.W_OK)
  } catch (error) {
    throw new Error(`${path} cannot be written: ${(error as Error).message}`, { cause: error })
  }
}

/** Sets a variable: its line is replaced, or one is added; everything else stays. A new file is for its owner alone. */
export async function writeVariable (path: string, name: string, value: string): Promise<void> {
  const text = await textOf(path) ?? ''
  const line = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=)[^\\r\\n]*`, 'gm')
  const ending = text.includes('\r\n') ? '\r\n' : '\n'
  const written = line.test(text)
    ? text.replace(line, (_line, beginning: string) => `${beginning}${value}`)
    : `${text}${text === '' || text.endsWith('\n') ? '' : ending}${name}=${value}${ending}`
  await writeFile(path, written, { mode: 0o600 })
}

async function textOf (path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
