import { readFile, writeFile } from 'node:fs/promises'
import { envExample } from './env-example.js'
import { environmentPage } from './environment-page.js'
import { metricsPage } from './metrics-page.js'
import { openapiDocument } from './openapi-document.js'
import { reasonsPage } from './reasons-page.js'
import { sdkErrorClasses, sdkErrorTypes, sdkTypesOfRequire } from './sdk-errors.js'
import { sdkMethods, sdkOperations } from './sdk-methods.js'
import { sdkTypes } from './sdk-types.js'

/**
 * Writes what is derived from the code: the OpenAPI document, the pages of the environment, the reasons and the metrics, and `.env.example`.
 * With `--check`, writes nothing and fails when a file is out of date.
 */
const files: Record<string, () => Promise<string> | string> = {
  'openapi.json': openapiDocument,
  'sdk/schema.d.ts': sdkTypes,
  'sdk/operations.js': sdkOperations,
  'sdk/operations.d.ts': sdkMethods,
  'sdk/error-classes.js': sdkErrorClasses,
  'sdk/error-classes.d.ts': sdkErrorTypes,
  'sdk/index.d.cts': sdkTypesOfRequire,
  'docs/environment.md': environmentPage,
  'docs/reasons.md': reasonsPage,
  'docs/metrics.md': metricsPage,
  '.env.example': envExample
}

const check = process.argv.includes('--check')
const stale: string[] = []
for (const [path, generate] of Object.entries(files)) {
  const content = await generate()
  const current = await readFile(path, 'utf8').catch(() => undefined)
  if (current === content) continue
  stale.push(path)
  if (!check) await writeFile(path, content)
}
if (check && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.`)
  process.exitCode = 1
} else {
  console.log(stale.length === 0 ? 'Generated files are up to date.' : `Written: ${stale.join(', ')}`)
}
