import type { Affitor } from './affitor.js'
import { createEngine } from './create-engine.js'
import type { AffitorOptions } from './options.js'

/**
 * Everything but routes: for worker processes, scripts and other frameworks. Nothing runs before `migrate()` and
 * `workers.start()`.
 * @throws {TypeError} with one sentence when an option is missing or contradicts another
 */
export function createAffitor (options: AffitorOptions): Affitor {
  return createEngine(options).affitor
}
