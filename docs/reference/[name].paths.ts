import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { referencePages } from '../../tools/docs/reference.js'
import type { ApiDocument } from '../../tools/docs/reference.js'

/** A page for each tag of openapi.json, and one of its schemas. */
export default {
  async paths () {
    const document = JSON.parse(await readFile(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as ApiDocument
    return referencePages(document).map(({ name, content }) => ({ params: { name }, content }))
  }
}
