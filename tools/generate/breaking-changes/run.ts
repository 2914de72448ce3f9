import { readFile } from 'node:fs/promises'
import { breakingChanges } from './operations.js'

/**
 * Prints what in openapi.json breaks clients of the last released document. Before 1.0.0 it only tells; from then on
 * it fails unless the major version was raised.
 */
const RELEASED = 'docs/openapi-released.json'

const released = JSON.parse(await readFile(RELEASED, 'utf8'))
const current = JSON.parse(await readFile('openapi.json', 'utf8'))
const changes = breakingChanges(released, current)
const [from, to] = [released.info.version, current.info.version] as [string, string]

console.log(changes.length === 0
  ? `The document breaks no client of the released version ${from}.`
  : `${changes.length} changes since version ${from} break clients:\n${changes.map(change => `  - ${change}`).join('\n')}`)
if (changes.length > 0 && !from.startsWith('0.') && from.split('.')[0] === to.split('.')[0]) process.exitCode = 1
