import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * What a state file says; undefined when there is none yet.
 * @throws Error of the file system
 */
export async function readStateFile (path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

export interface StateFileOptions {
  /** Absent: everything is in memory only. */
  path: string | undefined
  /** What the file is to say now. */
  content: () => string
  /** Who may read a new file. Default: whom the process's umask lets. */
  mode?: number
}

/**
 * Writes a state file: to a file beside it, then by rename, so that a reader never sees half.
 *
 * One write runs at a time. Changes that come during a write share the next one, so that a burst of
 * calls costs a few writes of the whole file and not one each.
 */
export class StateFileWriter {
  readonly #options: StateFileOptions
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor (options: StateFileOptions) {
    this.#options = options
  }

  /** Resolves when everything recorded before the call is in the file. Rejects when it cannot be written. */
  async save (): Promise<void> {
    const { path } = this.#options
    if (path === undefined) return
    this.#next ??= this.#after(this.#running, path)
    await this.#next
  }

  /** Resolves when no write is running or due. Never rejects. */
  async idle (): Promise<void> {
    await (this.#next ?? this.#running).catch(() => {})
  }

  async #after (running: Promise<void>, path: string): Promise<void> {
    // A failed write is reported to those who waited for it.
    await running.catch(() => {})
    this.#next = undefined
    this.#running = this.#write(path)
    await this.#running
  }

  async #write (path: string): Promise<void> {
    const { content, mode } = this.#options
    // Asked before the first await, so that it holds every change up to here.
    const text = content()
    const temporary = `${path}.${randomUUID()}.tmp`
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, text, { mode })
    await rename(temporary, path)
  }
}
