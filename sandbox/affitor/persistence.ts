import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { readStateFile, StateFileWriter } from '../state-file.js'
import { RecordsSchema } from './records.js'
import type { Records } from './records.js'

const StateFile = Type.Object({ version: Type.Literal(1), programId: Type.String(), records: RecordsSchema })

/**
 * The records of a state file. A file that does not exist is an empty state.
 * @throws Error that names the file and what is wrong with it
 */
export async function readRecords (path: string, programId: string): Promise<Records | undefined> {
  let file: unknown
  try {
    const content = await readStateFile(path)
    if (content === undefined) return undefined
    file = JSON.parse(content)
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error))
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

/** Keeps the records in the file. */
export function recordsWriter (path: string | undefined, programId: string, records: Records): StateFileWriter {
  return new StateFileWriter({ path, content: () => JSON.stringify({ version: 1, programId, records }, null, 1) })
}

function unreadable (path: string, why: string): Error {
  return new Error(`The state file ${path} of the Affitor sandbox cannot be used: ${why}. Delete it to start empty.`)
}
