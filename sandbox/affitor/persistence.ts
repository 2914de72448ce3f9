import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { RecordsSchema } from './records.js'
import type { Records } from './records.js'

const StateFile = Type.Object({ version: Type.Literal(1), programId: Type.String(), records: RecordsSchema })

/**
 * Reads a state file. A file that does not exist is an empty state.
 * @throws Error that names the file and what is wrong with it
 */
export async function readStateFile (path: string, programId: string): Promise<Records | undefined> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unreadable(path, message(error))
  }
  let file: unknown
  try {
    file = JSON.parse(content)
  } catch (error) {
    throw unreadable(path, message(error))
  }
  if (!Value.Check(StateFile, file)) {
    const first = Value.Errors(StateFile, file).First()
    throw unreadable(path, `${first?.path || '/'}: ${first?.message ?? 'not a state file'}`)
  }
  if (file.programId !== programId) {
    throw unreadable(path, `it belongs to program ${file.programId}, and this is program ${programId}`)
  }
  return file.records
}

/**
 * Writes the state file: to a file beside it, then by rename, so that a reader never sees half.
 *
 * One write runs at a time. Changes that come during a write share the next one, so that a burst of
 * calls costs a few writes of the whole file and not one each.
 */
export class StateFileWriter {
  readonly #path: string
  readonly #snapshot: () => unknown
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor (path: string, programId: string, records: Records) {
    this.#path = path
    this.#snapshot = () => ({ version: 1, programId, records })
  }

  /** Resolves when everything recorded before the call is in the file. Rejects when it cannot be written. */
  save (): Promise<void> {
    this.#next ??= this.#after(this.#running)
    return this.#next
  }

  /** Resolves when no write is running or due. Never rejects. */
  async idle (): Promise<void> {
    await (this.#next ?? this.#running).catch(() => {})
  }

  async #after (running: Promise<void>): Promise<void> {
    // A failed write is reported to those who waited for it.
    await running.catch(() => {})
    this.#next = undefined
    this.#running = this.#write()
    return await this.#running
  }

  async #write (): Promise<void> {
    // The snapshot is taken before the first await, so that it holds every change up to here.
    const content = JSON.stringify(this.#snapshot(), null, 1)
    const temporary = `${this.#path}.${process.pid}.tmp`
    await mkdir(dirname(this.#path), { recursive: true })
    await writeFile(temporary, content)
    await rename(temporary, this.#path)
  }
}

function unreadable (path: string, why: string): Error {
  return new Error(`The state file ${path} of the Affitor sandbox cannot be used: ${why}. Delete it to start empty.`)
}

function message (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
